import { log } from '../../platform/log.ts';
import type { Bridge } from './bridge.ts';
import { tellOwner } from './owner-notice.ts';
import { asLoginId } from './remote-ids.ts';

/** The network no longer accepts a login: its owner is told once. */
export async function refuseLogin(bridge: Bridge, loginId: string, reason: string): Promise<void> {
  const login = await bridge.logins.get(asLoginId(loginId));
  if (!login || login.state === 'bad_credentials') return;
  log('warn', 'bridge.login_refused', { network: bridge.connector.id, loginId, reason });
  await bridge.logins.setState(login.loginId, 'bad_credentials', reason);
  await tellOwner(
    bridge,
    login.userId,
    `${login.name} is no longer connected (${reason}). Please log in again.`,
  );
}
