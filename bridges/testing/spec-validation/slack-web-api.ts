import type { LoopbackRequest } from '../loopback/loopback-server.ts';
import type { ViolationLog } from './violations.ts';
export function checkWebApiRequest(_v: ViolationLog, _m: string, _r: LoopbackRequest, _a: object): void {}
export function checkWebApiResponse(_v: ViolationLog, _m: string, _b: object): void {}
