import { unrecognized } from '../../matrix/errors.ts';
import { errorText, log } from '../../platform/log.ts';
import { answerSafely } from '../core/answer-safely.ts';
import { openBridge } from '../core/bridge.ts';
import { handleBridgeRequest } from '../core/handle-request.ts';
import { portalObjectFor } from '../core/portal/portal-object.ts';
import { receiveEvents } from './intake/receive-events.ts';
import { teamOf } from './intake/team-stub.ts';
import { slackConnector } from './slack-connector.ts';
import type { SlackEnv } from './slack-env.ts';

export { SlackTeamObject } from './intake/slack-team-object.ts';
export const PortalObject = portalObjectFor(slackConnector);

const eventsPath = /^\/_bridge\/slack\/events\/([^/]+)$/;

export default {
  fetch: (request, env) => answerSafely('slack', () => answer(request, env)),

  /** Has every login look for what its events missed. */
  async scheduled(_controller, env) {
    const bridge = openBridge(env, slackConnector);
    for (const login of await bridge.logins.all()) {
      try {
        await teamOf(env, login.loginId).sweep();
      } catch (error) {
        log('error', 'slack.sweep_failed', { loginId: login.loginId, error: errorText(error) });
      }
    }
  },
} satisfies ExportedHandler<SlackEnv>;

async function answer(request: Request, env: SlackEnv): Promise<Response> {
  const bridge = openBridge(env, slackConnector);
  const appKey = eventsPath.exec(new URL(request.url).pathname)?.[1];
  if (appKey !== undefined) return receiveEvents(bridge, request, appKey, Date.now());
  const answered = await handleBridgeRequest(bridge, request);
  return answered ?? Response.json(unrecognized().toBody(), { status: 404 });
}
