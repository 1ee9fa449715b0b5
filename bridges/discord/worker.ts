import { unrecognized } from '../../matrix/errors.ts';
import { errorText, log } from '../../platform/log.ts';
import { answerSafely } from '../core/answer-safely.ts';
import { type Bridge, openBridge } from '../core/bridge.ts';
import { handleBridgeRequest } from '../core/handle-request.ts';
import type { Login } from '../core/logins.ts';
import { portalObjectFor } from '../core/portal/portal-object.ts';
import { serveAvatar } from './avatar-route.ts';
import { catchUp } from './catch-up.ts';
import { discordConnector } from './discord-connector.ts';
import type { DiscordEnv } from './discord-env.ts';
import { gatewayOf } from './gateway/gateway-stub.ts';
import { receiveInteraction } from './interactions/receive-interaction.ts';
import { readCredentials } from './login/credentials.ts';

export { DiscordGatewayObject } from './gateway/discord-gateway-object.ts';
export const PortalObject = portalObjectFor(discordConnector);

const interactionsPath = /^\/_bridge\/discord\/interactions\/([^/]+)$/;

export default {
  fetch: (request, env) => answerSafely('discord', () => answer(request, env)),

  /** Sees that every gateway is alive, and fetches what it missed. */
  async scheduled(_controller, env) {
    const bridge = openBridge(env, discordConnector);
    for (const login of await bridge.logins.all()) {
      await watch(bridge, login).catch((error) =>
        log('error', 'discord.watch_failed', { loginId: login.loginId, error: errorText(error) }),
      );
    }
  },
} satisfies ExportedHandler<DiscordEnv>;

async function answer(request: Request, env: DiscordEnv): Promise<Response> {
  const bridge = openBridge(env, discordConnector);
  const applicationId = interactionsPath.exec(new URL(request.url).pathname)?.[1];
  if (applicationId !== undefined) return receiveInteraction(bridge, request, applicationId, Date.now());
  const error = unrecognized();
  return (
    (await serveAvatar(bridge.config, env.ENCRYPTION_KEY, request)) ??
    (await handleBridgeRequest(bridge, request)) ??
    Response.json(error.toBody(), { status: error.status })
  );
}

async function watch(bridge: Bridge<DiscordEnv>, login: Login): Promise<void> {
  const { applicationId } = readCredentials(login);
  const { isHealthy, missed } = await gatewayOf(bridge.env, applicationId).watch();
  if (isHealthy && login.state === 'degraded') await bridge.logins.setState(login.loginId, 'connected');
  if (!isHealthy && login.state === 'connected') {
    await bridge.logins.setState(login.loginId, 'degraded', 'The connection to Discord is interrupted');
  }
  for (const channel of missed) await catchUp(bridge, channel);
}
