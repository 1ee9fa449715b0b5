import type { Simulation } from '../discord-simulator.ts';
import { intent } from '../gateway/intents.ts';
import { renderFullGuild, renderGuild } from '../render/render-guild.ts';
import { renderMember, renderUser } from '../render/render-user.ts';
import { type Guild, isoTime } from '../world.ts';

function isIn(guild: Guild): (application: { botUserId: string }) => boolean {
  return (application) => guild.members.has(application.botUserId);
}

export function addMember(
  simulation: Simulation,
  guild: Guild,
  userId: string,
  nick?: string,
  roles: string[] = [],
): void {
  const member = { userId, nick: nick ?? null, joinedAt: isoTime(simulation.world), roles };
  guild.members.set(userId, member);
  simulation.gateway.dispatch({
    event: 'GUILD_MEMBER_ADD',
    intent: intent.guildMembers,
    reaches: (application) => guild.members.has(application.botUserId) && application.botUserId !== userId,
    data: () => ({ ...renderMember(simulation.world, member), guild_id: guild.id }),
  });
}

/** A bot that is removed hears GUILD_DELETE; the others GUILD_MEMBER_REMOVE. */
export function removeMember(simulation: Simulation, guild: Guild, userId: string): void {
  const user = simulation.world.users.get(userId);
  if (!guild.members.delete(userId) || !user) return;
  simulation.gateway.dispatch({
    event: 'GUILD_DELETE',
    intent: intent.guilds,
    reaches: (application) => application.botUserId === userId,
    data: () => ({ id: guild.id }),
  });
  simulation.gateway.dispatch({
    event: 'GUILD_MEMBER_REMOVE',
    intent: intent.guildMembers,
    reaches: isIn(guild),
    data: () => ({ guild_id: guild.id, user: renderUser(user) }),
  });
}

export function setNick(simulation: Simulation, guild: Guild, userId: string, nick: string | null): void {
  const member = guild.members.get(userId);
  if (!member) throw new Error(`${userId} is no member of ${guild.id}`);
  member.nick = nick;
  simulation.gateway.dispatch({
    event: 'GUILD_MEMBER_UPDATE',
    intent: intent.guildMembers,
    reaches: isIn(guild),
    data: () => ({ ...renderMember(simulation.world, member), guild_id: guild.id }),
  });
}

export function renameGuild(simulation: Simulation, guild: Guild, name: string): void {
  guild.name = name;
  simulation.gateway.dispatch({
    event: 'GUILD_UPDATE',
    intent: intent.guilds,
    reaches: isIn(guild),
    data: () => renderGuild(guild),
  });
}

/** GUILD_CREATE to a bot that just joined. */
export function announceGuild(simulation: Simulation, guild: Guild, botUserId: string): void {
  simulation.gateway.dispatch({
    event: 'GUILD_CREATE',
    intent: intent.guilds,
    reaches: (application) => application.botUserId === botUserId,
    data: () => renderFullGuild(simulation.world, guild, botUserId),
  });
}
