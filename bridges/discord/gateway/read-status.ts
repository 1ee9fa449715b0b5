import type { GatewayState } from './gateway-protocol.ts';
import type { GatewayStatus } from './gateway-rpc.ts';
import { freshBudget } from './identify-budget.ts';
import type { GatewayStore } from './storage/gateway-store.ts';

/** Interruptions as long as this are part of every day. */
const interruptionMs = 180_000;

export function readStatus(
  { guilds, channels }: GatewayStore,
  state: GatewayState | undefined,
): GatewayStatus {
  return {
    connection: state?.connection.kind ?? 'none',
    stopCode: state?.connection.kind === 'stopped' ? state.connection.code : undefined,
    lastAckMs: state?.lastAckMs,
    identifiesLeft: Math.floor((state?.budget ?? freshBudget).left),
    guilds: guilds.count(),
    channels: channels.count(),
    behind: channels.behind(1_000).length,
  };
}

export function isHealthy({ connection, lastAckMs }: GatewayState, nowMs: number): boolean {
  return connection.kind === 'live' || (lastAckMs !== undefined && nowMs - lastAckMs < interruptionMs);
}
