import type { Pdu } from '../pdu.ts';

/** The state that an event is judged by. Always has the create event, also where no event names it. */
export interface AuthState {
  get(type: string, stateKey: string): Pdu | undefined;
}

/** `rule`: its number in room version 12; those that older versions alone have begin with the version. */
export type Verdict = { kind: 'allowed' } | { kind: 'denied'; rule: string; reason: string };

export const allowed: Verdict = { kind: 'allowed' };

export function denied(rule: string, reason: string): Verdict {
  return { kind: 'denied', rule, reason };
}
