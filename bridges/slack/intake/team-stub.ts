import { objectStub } from '../../../platform/object-stub.ts';
import type { SlackEnv } from '../slack-env.ts';
import type { SlackTeamRpc } from './slack-team-rpc.ts';

/** The only way to a login's object, so that the cost test can count requests. */
export function teamOf(env: SlackEnv, loginId: string): SlackTeamRpc {
  return objectStub(env.TEAMS, loginId, env.LOG_METER === '1' && 'SlackTeamObject');
}
