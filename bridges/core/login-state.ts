import { log } from '../../platform/log.ts';
import type { Bridge } from './bridge.ts';
import type { Login } from './logins.ts';
import { tellOwner } from './owner-notice.ts';

/**
 * The network did not accept a login as it was used: unless its credentials have been renewed meanwhile, it is
 * marked, and its owner told once.
 */
export async function refuseLogin(
  bridge: Bridge,
  used: Pick<Login, 'loginId' | 'credentials'>,
  reason: string,
): Promise<'refused' | 'renewed'> {
  const login = await bridge.logins.get(used.loginId);
  if (!login || JSON.stringify(login.credentials) !== JSON.stringify(used.credentials)) return 'renewed';
  if (login.state === 'bad_credentials') return 'refused';
  log('warn', 'bridge.login_refused', { network: bridge.connector.id, loginId: used.loginId, reason });
  await bridge.logins.setState(login.loginId, 'bad_credentials', reason);
  await tellOwner(
    bridge,
    login.userId,
    `${login.name} is no longer connected (${reason}). Please log in again.`,
  );
  return 'refused';
}
