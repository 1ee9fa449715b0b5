import type { Member, Message, User, World } from '../world.ts';

export function renderUser(user: User): Record<string, unknown> {
  return {
    id: user.id,
    username: user.username,
    avatar: user.avatar,
    discriminator: user.isBot ? '1234' : '0',
    public_flags: 0,
    flags: 0,
    ...(user.isBot ? { bot: true } : {}),
    banner: null,
    accent_color: null,
    global_name: user.globalName,
    avatar_decoration_data: null,
    collectibles: null,
    primary_guild: null,
  };
}

/** What `GET /users/@me` shows of a bot. */
export function renderSelf(user: User): Record<string, unknown> {
  return {
    ...renderUser(user),
    mfa_enabled: false,
    locale: 'en-US',
    premium_type: 0,
    email: null,
    verified: true,
  };
}

export function renderAuthor(world: World, message: Message): Record<string, unknown> {
  if (message.author.kind === 'user') {
    const user = world.users.get(message.author.id);
    if (!user) throw new Error(`no user ${message.author.id}`);
    return renderUser(user);
  }
  return {
    id: message.author.id,
    username: message.author.username,
    avatar: message.author.avatar,
    discriminator: '0000',
    public_flags: 0,
    flags: 0,
    bot: true,
    global_name: null,
    primary_guild: null,
  };
}

/** A member without the user: what messages and typing carry. */
export function renderPartialMember(member: Member): Record<string, unknown> {
  return {
    avatar: null,
    banner: null,
    communication_disabled_until: null,
    flags: 0,
    joined_at: member.joinedAt,
    nick: member.nick,
    pending: false,
    premium_since: null,
    roles: member.roles,
    mute: false,
    deaf: false,
  };
}

export function renderMember(world: World, member: Member): Record<string, unknown> {
  const user = world.users.get(member.userId);
  if (!user) throw new Error(`no user ${member.userId}`);
  return { ...renderPartialMember(member), user: renderUser(user) };
}
