import { type Channel, type Guild, permissionChannel, type World } from './world.ts';

/** The permission bits that the simulator enforces. */
export const permission = {
  administrator: 1n << 3n,
  manageChannels: 1n << 4n,
  addReactions: 1n << 6n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  manageMessages: 1n << 13n,
  embedLinks: 1n << 14n,
  attachFiles: 1n << 15n,
  readMessageHistory: 1n << 16n,
  mentionEveryone: 1n << 17n,
  useExternalEmojis: 1n << 18n,
  manageWebhooks: 1n << 29n,
  manageThreads: 1n << 34n,
  createPublicThreads: 1n << 35n,
  createPrivateThreads: 1n << 36n,
  sendMessagesInThreads: 1n << 38n,
} as const;

const all = (1n << 53n) - 1n;

/** What ordinary members may do. */
export const everyonePermissions =
  permission.addReactions |
  permission.viewChannel |
  permission.sendMessages |
  permission.embedLinks |
  permission.attachFiles |
  permission.readMessageHistory |
  permission.useExternalEmojis |
  permission.createPublicThreads |
  permission.sendMessagesInThreads;

/** What a bridge's bot is invited with. */
export const bridgeBotPermissions =
  everyonePermissions |
  permission.manageWebhooks |
  permission.manageMessages |
  permission.manageThreads |
  permission.mentionEveryone |
  permission.createPrivateThreads;

function guildPermissions(guild: Guild, userId: string): bigint {
  if (guild.ownerId === userId) return all;
  const member = guild.members.get(userId);
  if (!member) return 0n;
  const roleIds = [guild.id, ...member.roles];
  const bits = roleIds.reduce((sum, id) => sum | (guild.roles.get(id)?.permissions ?? 0n), 0n);
  return bits & permission.administrator ? all : bits;
}

/** By the algorithm of discord.com/developers/docs/topics/permissions: @everyone, roles, member. */
export function permissionsIn(world: World, channel: Channel, userId: string): bigint {
  if (!channel.guildId) return channel.recipientIds.includes(userId) ? all : 0n;
  const guild = world.guilds.get(channel.guildId);
  const member = guild?.members.get(userId);
  if (!guild || !member) return 0n;
  let bits = guildPermissions(guild, userId);
  if (bits === all) return all;
  const { overwrites } = permissionChannel(world, channel);
  const everyone = overwrites.find((overwrite) => overwrite.id === guild.id);
  if (everyone) bits = (bits & ~everyone.deny) | everyone.allow;
  const roles = overwrites.filter((overwrite) => member.roles.includes(overwrite.id));
  bits = roles.reduce((sum, role) => sum & ~role.deny, bits);
  bits = roles.reduce((sum, role) => sum | role.allow, bits);
  const own = overwrites.find((overwrite) => overwrite.type === 1 && overwrite.id === userId);
  if (own) bits = (bits & ~own.deny) | own.allow;
  return bits;
}

export function mayView(world: World, channel: Channel, userId: string): boolean {
  if (channel.type === 12 && !channel.thread?.members.has(userId)) return false;
  return (permissionsIn(world, channel, userId) & permission.viewChannel) !== 0n;
}

export function permissionsOfMember(guild: Guild, userId: string): bigint {
  return guildPermissions(guild, userId);
}
