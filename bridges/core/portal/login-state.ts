import { log } from '../../../platform/log.ts';
import { tellOwner } from '../owner-notice.ts';
import { asLoginId } from '../remote-ids.ts';
import type { PortalContext } from './portal-context.ts';

/** The network no longer accepts a login: its owner is told once. */
export async function refuseLogin(portal: PortalContext, loginId: string, reason: string): Promise<void> {
  const { bridge } = portal;
  portal.logins.clear();
  const current = await bridge.logins.get(asLoginId(loginId));
  if (!current || current.state === 'bad_credentials') return;
  log('warn', 'bridge.login_refused', { network: bridge.connector.id, loginId, reason });
  await bridge.logins.setState(current.loginId, 'bad_credentials', reason);
  await tellOwner(
    bridge,
    current.userId,
    `${current.name} is no longer connected (${reason}). Please log in again.`,
  );
}
