import type { ViolationLog } from './violations.ts';
export function checkDispatch(_v: ViolationLog, _event: string, _data: object): void {}
