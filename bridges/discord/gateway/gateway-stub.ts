import { objectStub } from '../../../platform/object-stub.ts';
import type { DiscordEnv } from '../discord-env.ts';
import type { GatewayRpc } from './gateway-rpc.ts';

/** The only way to an application's gateway, so that the cost test can count requests. */
export function gatewayOf(env: DiscordEnv, applicationId: string): GatewayRpc {
  return objectStub(env.GATEWAYS, applicationId, env.LOG_METER === '1' && 'DiscordGatewayObject');
}
