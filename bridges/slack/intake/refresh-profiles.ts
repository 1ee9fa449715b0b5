import { errorText, log } from '../../../platform/log.ts';
import type { Login } from '../../core/logins.ts';
import { isTransient, retryDelayMs } from '../../core/portal/transient.ts';
import { refreshPuppet } from '../../core/puppet-profile.ts';
import { asLoginId, type RemoteUserId } from '../../core/remote-ids.ts';
import type { SlackTeam } from './team-context.ts';

/** Of a refusal that names no time: 8 s. */
const retryAttempts = 3;

/**
 * Brings the ghosts of people who changed into line, one after the other and as fast as Slack lets us. One
 * that fails for good is left to the daily comparison.
 * @returns when to go on (epoch ms); nothing when all are done
 */
export async function refreshProfiles(team: SlackTeam): Promise<number | undefined> {
  const { bridge, store, loginId } = team;
  const login = await bridge.logins.get(asLoginId(loginId));
  if (!login || login.state === 'bad_credentials') store.staleProfiles.clear();
  for (let stale = store.staleProfiles.next(); login && stale; stale = store.staleProfiles.next()) {
    try {
      await refresh(team, login, stale.userId);
    } catch (error) {
      if (isTransient(error)) return team.now() + retryDelayMs(error, retryAttempts);
      log('warn', 'slack.profile_not_refreshed', { loginId, error: errorText(error) });
    }
    store.staleProfiles.remove(stale);
  }
  return undefined;
}

async function refresh({ bridge, now }: SlackTeam, login: Login, userId: RemoteUserId): Promise<void> {
  if (!(await bridge.puppets.get(userId))) return;
  await refreshPuppet(bridge, bridge.connector.loadLogin(bridge.env, login), userId, now(), true);
}
