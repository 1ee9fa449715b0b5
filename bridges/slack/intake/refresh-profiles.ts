import { errorText, log } from '../../../platform/log.ts';
import type { Login } from '../../core/logins.ts';
import { isTransient, retryDelayMs } from '../../core/portal/transient.ts';
import { refreshPuppet } from '../../core/puppet-profile.ts';
import { asLoginId, type RemoteUserId } from '../../core/remote-ids.ts';
import type { SlackTeam } from './team-context.ts';

/** What else is due in the team's object comes between. */
const maxAtOnce = 10;
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
  if (!login || login.state === 'bad_credentials') {
    store.staleProfiles.clear();
    return undefined;
  }
  for (let count = 0; count < maxAtOnce; count += 1) {
    const stale = store.staleProfiles.next();
    if (!stale) return undefined;
    try {
      await refresh(team, login, stale.userId);
    } catch (error) {
      if (isTransient(error)) return team.now() + retryDelayMs(error, retryAttempts);
      log('warn', 'slack.profile_not_refreshed', { loginId, error: errorText(error) });
    }
    store.staleProfiles.remove(stale);
  }
  return team.now();
}

async function refresh({ bridge, now }: SlackTeam, login: Login, userId: RemoteUserId): Promise<void> {
  if (!(await bridge.puppets.get(userId))) return;
  await refreshPuppet(bridge, bridge.connector.loadLogin(bridge.env, login), userId, now(), true);
}
