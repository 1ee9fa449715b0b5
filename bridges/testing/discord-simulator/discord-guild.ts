import type { DiscordBot } from './discord-bot.ts';
import { DiscordChannel } from './discord-channel.ts';
import type { Simulation } from './discord-simulator.ts';
import type { DiscordUser } from './discord-user.ts';
import { createGuildChannel } from './operations/channels.ts';
import { addMember, announceGuild, removeMember, renameGuild, setNick } from './operations/guilds.ts';
import { bridgeBotPermissions, everyonePermissions } from './permissions.ts';
import { channelType, type Guild } from './world.ts';

export type ChannelTypeName = Exclude<keyof typeof channelType, 'dm' | 'publicThread' | 'privateThread'>;

/** A server, and the door through which a test changes it. */
export class DiscordGuild {
  readonly id: string;
  readonly #simulation: Simulation;
  readonly #guild: Guild;

  private constructor(simulation: Simulation, guild: Guild) {
    this.#simulation = simulation;
    this.#guild = guild;
    this.id = guild.id;
  }

  static create(
    simulation: Simulation,
    name: string,
    owner: DiscordUser,
    members: DiscordUser[],
  ): DiscordGuild {
    const { world } = simulation;
    const id = world.snowflakes.next();
    const guild: Guild = {
      id,
      name,
      icon: null,
      ownerId: owner.id,
      // The @everyone role has the guild's own id.
      roles: new Map([
        [id, { id, name: '@everyone', permissions: everyonePermissions, position: 0, color: 0 }],
      ]),
      members: new Map(),
      emojis: new Map(),
    };
    world.guilds.set(id, guild);
    for (const member of [owner, ...members]) addMember(simulation, guild, member.id);
    return new DiscordGuild(simulation, guild);
  }

  get name(): string {
    return this.#guild.name;
  }

  createChannel(channel: {
    name: string;
    type?: ChannelTypeName;
    topic?: string;
    parent?: DiscordChannel;
  }): DiscordChannel {
    const created = createGuildChannel(this.#simulation, this.#guild, {
      name: channel.name,
      type: channelType[channel.type ?? 'text'],
      topic: channel.topic ?? null,
      parentId: channel.parent?.id ?? null,
    });
    return new DiscordChannel(this.#simulation, created);
  }

  addMember(user: DiscordUser, options: { nick?: string } = {}): void {
    addMember(this.#simulation, this.#guild, user.id, options.nick);
  }

  removeMember(user: DiscordUser): void {
    removeMember(this.#simulation, this.#guild, user.id);
  }

  setNick(user: DiscordUser, nick: string | null): void {
    setNick(this.#simulation, this.#guild, user.id, nick);
  }

  rename(name: string): void {
    renameGuild(this.#simulation, this.#guild, name);
  }

  /** A role to mention or to give. */
  createRole(role: { name: string; permissions?: bigint }): { id: string } {
    const id = this.#simulation.world.snowflakes.next();
    this.#guild.roles.set(id, {
      id,
      name: role.name,
      permissions: role.permissions ?? 0n,
      position: this.#guild.roles.size,
      color: 0,
    });
    return { id };
  }

  addEmoji(name: string, options: { animated?: boolean } = {}): { id: string; name: string } {
    const emoji = { id: this.#simulation.world.snowflakes.next(), name, animated: options.animated ?? false };
    this.#guild.emojis.set(emoji.id, emoji);
    return { id: emoji.id, name };
  }

  /** The bot joins with its own role, as by an invite link: GUILD_CREATE reaches its sessions. */
  addBot(bot: DiscordBot, options: { permissions?: bigint } = {}): void {
    const role = this.createRole({
      name: bot.name,
      permissions: options.permissions ?? bridgeBotPermissions,
    });
    addMember(this.#simulation, this.#guild, bot.userId, undefined, [role.id]);
    announceGuild(this.#simulation, this.#guild, bot.userId);
  }

  removeBot(bot: DiscordBot): void {
    removeMember(this.#simulation, this.#guild, bot.userId);
  }
}
