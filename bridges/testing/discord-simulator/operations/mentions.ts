import { permission, permissionsIn } from '../permissions.ts';
import type { Channel, Message, World } from '../world.ts';

/** `allowed_mentions` of a message; without it everything in the text pings. */
export interface AllowedMentions {
  parse?: ('users' | 'roles' | 'everyone')[];
  users?: string[];
  roles?: string[];
  replied_user?: boolean;
}

function captured(content: string, pattern: RegExp): string[] {
  return [...new Set([...content.matchAll(pattern)].flatMap((match) => match[1] ?? []))];
}

function allowed(ids: string[], mentions: AllowedMentions | undefined, kind: 'users' | 'roles'): string[] {
  if (!mentions || mentions.parse?.includes(kind)) return ids;
  return ids.filter((id) => mentions[kind]?.includes(id));
}

/** Who a message pings: what its text names, within `allowed_mentions`. */
export function resolveMentions(
  world: World,
  channel: Channel,
  message: {
    author: Message['author'];
    content: string;
    replyTo?: string;
    allowedMentions?: AllowedMentions;
  },
): Pick<Message, 'mentionUserIds' | 'mentionRoleIds' | 'mentionEveryone'> {
  const { allowedMentions } = message;
  const guild = world.guilds.get(channel.guildId ?? '');
  // The list of users is filled also for whom the message only names; the ping is what `allowed_mentions` stops.
  const users = captured(message.content, /<@!?(\d+)>/g).filter((id) => world.users.has(id));
  const replied = message.replyTo ? channel.messages.get(message.replyTo)?.author : undefined;
  const pingsReplied = allowedMentions ? allowedMentions.replied_user === true : true;
  if (replied?.kind === 'user' && pingsReplied && !users.includes(replied.id)) users.push(replied.id);
  const roles = captured(message.content, /<@&(\d+)>/g).filter((id) => guild?.roles.has(id));
  const mayEveryone =
    message.author.kind === 'webhook' ||
    (permissionsIn(world, channel, message.author.id) & permission.mentionEveryone) !== 0n;
  const everyoneAllowed = !allowedMentions || allowedMentions.parse?.includes('everyone') === true;
  return {
    mentionUserIds: users,
    mentionRoleIds: allowed(roles, allowedMentions, 'roles'),
    mentionEveryone: mayEveryone && everyoneAllowed && /@(everyone|here)\b/.test(message.content),
  };
}
