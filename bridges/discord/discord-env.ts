import type { ObjectNamespace } from '../../platform/object-stub.ts';
import type { BridgeEnv } from '../core/bridge-env.ts';
import type { GatewayRpc } from './gateway/gateway-rpc.ts';

export interface DiscordEnv extends BridgeEnv {
  /** Called by `gatewayOf`. */
  GATEWAYS: ObjectNamespace<GatewayRpc>;
  DISCORD_API_URL: string;
  DISCORD_CDN_URL: string;
}
