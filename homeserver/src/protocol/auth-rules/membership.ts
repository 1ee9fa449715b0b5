import type { Pdu } from '../pdu.ts';
import type { AuthState } from './verdict.ts';

/** The value in the member event, whatever it is; `leave` if there is none. */
export function membershipOf(userId: string, state: AuthState): unknown {
  const member: Pdu | undefined = state.get('m.room.member', userId);
  return member ? member.content.membership : 'leave';
}

/** `invite`, the default of a room without the event, also for one that says nothing; `null` says something. */
export function joinRuleOf(state: AuthState): unknown {
  const joinRule: unknown = state.get('m.room.join_rules', '')?.content.join_rule;
  return joinRule === undefined ? 'invite' : joinRule;
}
