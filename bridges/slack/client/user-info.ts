import * as v from 'valibot';
import type { RemoteUserInfo } from '../../core/network-client.ts';
import type { RemoteUserId } from '../../core/remote-ids.ts';
import { parseUserId } from '../slack-ids.ts';
import type { SlackSession } from './slack-client.ts';
import { refusedWith } from './slack-error.ts';

const name = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(300)), ''), '');
const url = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(2000))), undefined);

export const userSchema = v.object({
  name,
  is_bot: v.fallback(v.optional(v.boolean(), false), false),
  profile: v.object({
    display_name: name,
    real_name: name,
    avatar_hash: v.fallback(v.optional(v.string()), undefined),
    image_512: url,
    image_192: url,
    image_72: url,
  }),
});

const botSchema = v.object({
  bot: v.object({
    name,
    icons: v.fallback(v.optional(v.object({ image_72: url, image_48: url })), undefined),
  }),
});

export async function userInfo(session: SlackSession, remoteUserId: RemoteUserId): Promise<RemoteUserInfo> {
  const { userId } = parseUserId(remoteUserId);
  try {
    if (userId.startsWith('B')) return await botInfo(session, userId);
    const { user } = await session.api.read('users.info', v.object({ user: userSchema }), { user: userId });
    return infoOfUser(user, userId);
  } catch (error) {
    // Strangers of shared channels, users that are gone: a name is not worth a message.
    if (
      refusedWith(
        error,
        'user_not_found',
        'user_not_visible',
        'users_not_found',
        'bot_not_found',
        'missing_scope',
      )
    ) {
      return { name: userId };
    }
    throw error;
  }
}

export function infoOfUser(user: v.InferOutput<typeof userSchema>, userId: string): RemoteUserInfo {
  const { display_name: displayName, real_name: realName, avatar_hash: avatarHash, ...images } = user.profile;
  const avatarUrl = images.image_512 ?? images.image_192 ?? images.image_72;
  return {
    name: displayName || realName || user.name || userId,
    isBot: user.is_bot,
    ...(avatarUrl ? { avatarUrl } : {}),
    ...(avatarUrl && avatarHash ? { avatarId: avatarHash } : {}),
  };
}

/** An integration, known only by the `bot_id` on its messages. */
async function botInfo(session: SlackSession, botId: string): Promise<RemoteUserInfo> {
  const { bot } = await session.api.read('bots.info', botSchema, { bot: botId });
  const avatarUrl = bot.icons?.image_72 ?? bot.icons?.image_48;
  return { name: bot.name || botId, isBot: true, ...(avatarUrl ? { avatarUrl } : {}) };
}
