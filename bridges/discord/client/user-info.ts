import type { RemoteUserInfo } from '../../core/network-client.ts';
import type { RemoteUserId } from '../../core/remote-ids.ts';
import { plainName } from '../convert/names.ts';
import type { DiscordUser } from '../rest/answers.ts';
import { errorCode, refusedWith } from '../rest/discord-error.ts';
import { parseUserName, type Snowflake } from '../snowflake.ts';
import { avatarUrl } from './cdn.ts';
import type { DiscordSession } from './discord-session.ts';

/** Webhooks have ids like users; their messages name and show whom they want. */
export async function userInfo(session: DiscordSession, userId: RemoteUserId): Promise<RemoteUserInfo> {
  const id = parseUserName(userId);
  try {
    return describe(session, await session.api.getUser(id));
  } catch (error) {
    if (!refusedWith(error, errorCode.unknownUser)) throw error;
    return { name: await webhookName(session, id), isBot: true };
  }
}

function describe({ env }: DiscordSession, user: DiscordUser): RemoteUserInfo {
  return {
    name: userDisplayName(user),
    ...(user.avatar ? { avatarUrl: avatarUrl(env, user.id, user.avatar), avatarId: user.avatar } : {}),
    isBot: user.bot === true,
  };
}

export function userDisplayName({ global_name: globalName, username }: DiscordUser): string {
  return plainName(globalName ?? '') || plainName(username) || 'unnamed';
}

async function webhookName({ api }: DiscordSession, id: Snowflake): Promise<string> {
  try {
    return plainName((await api.getWebhook(id)).name ?? '') || 'Webhook';
  } catch (error) {
    if (refusedWith(error, errorCode.unknownWebhook, errorCode.missingPermissions)) return 'Webhook';
    throw error;
  }
}
