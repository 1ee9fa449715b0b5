import * as v from 'valibot';
import type { ObjectNamespace } from '../../platform/object-stub.ts';
import type { BridgeEnv } from '../core/bridge-env.ts';
import type { SlackTeamRpc } from './intake/slack-team-rpc.ts';

/** Bindings of the Slack Worker, as `config/workers.ts` declares them. */
export interface SlackEnv extends BridgeEnv {
  /** Called by `teamOf`. */
  TEAMS: ObjectNamespace<SlackTeamRpc>;
  SLACK_API_URL: string;
}

const apiUrlSchema = v.pipe(v.string(), v.url());

/** Base URL of the Web API, with a slash at the end. @throws if it is not a URL */
export function slackApiUrl(env: SlackEnv): string {
  return `${v.parse(apiUrlSchema, env.SLACK_API_URL).replace(/\/+$/, '')}/`;
}
