import type { BridgeEnv } from '../core/bridge-env.ts';
import type { GatewayRpc } from './gateway/gateway-rpc.ts';

export interface DiscordEnv extends BridgeEnv {
  GATEWAYS: { getByName(name: string): GatewayRpc };
  DISCORD_API_URL: string;
  DISCORD_CDN_URL: string;
}
