import type { ViolationLog } from './violations.ts';
export function checkEventEnvelope(_violations: ViolationLog, _envelope: Record<string, unknown>): void {}
