import type { LoopbackRequest } from '../loopback/loopback-server.ts';
import type { ViolationLog } from './violations.ts';
export function checkRestRequest(_v: ViolationLog, _route: object, _r: LoopbackRequest, _b: unknown): void {}
export function checkRestResponse(_v: ViolationLog, _op: string, _r: object): void {}
