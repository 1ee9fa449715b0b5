import { objectStub } from '../../platform/object-stub.ts';
import type { BridgeEnv } from './bridge-env.ts';
import type { PortalRpc } from './portal-rpc.ts';

/** The only way to a portal, so that the cost test can count requests. */
export function portalOf(env: BridgeEnv, chatId: string): PortalRpc {
  return objectStub(env.PORTALS, chatId, env.LOG_METER === '1' && 'PortalObject');
}
