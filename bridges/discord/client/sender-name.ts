import type { MatrixSender } from '../../core/network-client.ts';
import { avatarPath } from '../avatar-route.ts';
import { plainName } from '../convert/names.ts';
import type { DiscordSession } from './discord-session.ts';

const maxChars = 80;

/** How a Matrix user is named on Discord, which refuses names with its own in them. */
export function webhookUsername({ displayName, userId }: MatrixSender): string {
  const name = plainName(displayName) || userId;
  const allowed = name.replace(/(d)(iscord)|(c)(lyde)/gi, '$1$3·$2$4');
  const chars = [...allowed];
  return chars.length <= maxChars ? allowed : `${chars.slice(0, maxChars - 1).join('')}…`;
}

/** Where Discord gets the picture: it refuses the whole post if the URL is not a public one. */
export function webhookAvatar({ config, env }: DiscordSession, sender: MatrixSender): string | undefined {
  if (!sender.avatarUrl || !config.publicBaseUrl.startsWith('https://')) return undefined;
  const path = avatarPath(env.ENCRYPTION_KEY, sender.avatarUrl);
  return path && config.publicBaseUrl + path;
}
