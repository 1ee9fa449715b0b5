import { type Clock, ManualClock, realClock } from '../loopback/clock.ts';
import { LoopbackServer } from '../loopback/loopback-server.ts';
import { SeededIds } from '../loopback/seeded-ids.ts';
import { type Violation, ViolationLog } from '../spec-validation/violations.ts';
import { createBotApplication, type DiscordBot } from './discord-bot.ts';
import { DiscordChannel } from './discord-channel.ts';
import { DiscordGuild } from './discord-guild.ts';
import { createUser, type DiscordUser } from './discord-user.ts';
import { Faults } from './faults.ts';
import { GatewayServer } from './gateway/gateway-server.ts';
import { routeRequest } from './http-routes.ts';
import { openDm, startTyping } from './operations/channels.ts';
import {
  type InteractionRequest,
  type InteractionResult,
  sendInteraction,
} from './operations/interactions.ts';
import {
  bulkDeleteMessages,
  createMessage,
  deleteMessage,
  editMessage,
  embedArrives,
  type NewAttachment,
  newAttachment,
  requireMessage,
} from './operations/messages.ts';
import { addReaction, clearReactions, removeReaction } from './operations/reactions.ts';
import { setThreadArchived } from './operations/thread-state.ts';
import { createThread } from './operations/threads.ts';
import { mayView, permission, permissionsIn } from './permissions.ts';
import { type Channel, newWorld, type World } from './world.ts';

export interface DiscordSimulatorOptions {
  /** 0 (the default) takes a free port. */
  port?: number;
  seed?: string | number;
  clock?: Clock;
  /** `realistic` enforces buckets like Discord's; `generous` (the default) has the headers and hardly ever refuses. */
  rateLimits?: 'generous' | 'realistic';
  /** What HELLO asks for; Discord says 41,250. */
  heartbeatIntervalMs?: number;
}

/** One answered REST call. Tokens are never kept: webhook paths are templates. */
export interface LoggedCall {
  operationId: string;
  path: string;
  botUserId: string | undefined;
  body: unknown;
  status: number | 'cut' | 'hang';
}

/** What the parts of the simulator share. */
export interface Simulation {
  readonly world: World;
  readonly faults: Faults;
  readonly violations: ViolationLog;
  readonly calls: LoggedCall[];
  readonly bugs: unknown[];
  readonly rateLimits: 'generous' | 'realistic';
  readonly gateway: GatewayServer;
}

/** What a person sends from their own Discord client. */
export interface PersonMessage {
  content?: string;
  /** The id of the message answered. */
  replyTo?: string;
  attachments?: NewAttachment[];
  embeds?: Record<string, unknown>[];
}

/** A whole Discord on 127.0.0.1: guilds, people, bots, REST v10, gateway, webhooks, interactions and CDN. */
export class DiscordSimulator {
  /** Base of the HTTP API, without a slash at the end: `…/api/v10`. */
  readonly apiUrl: string;
  /** The same without version, as discord.js wants it (`rest.api`). */
  readonly apiUrlUnversioned: string;
  readonly cdnUrl: string;
  /** What `GET /gateway/bot` answers. */
  readonly gatewayUrl: string;
  readonly faults: Faults;
  /** Sockets and sessions: to drop, to reconnect, to count. */
  readonly gateway: GatewayServer;
  readonly #simulation: Simulation;
  readonly #server: LoopbackServer;

  private constructor(simulation: Simulation, server: LoopbackServer) {
    this.#simulation = simulation;
    this.#server = server;
    this.faults = simulation.faults;
    this.gateway = simulation.gateway;
    this.apiUrlUnversioned = `${server.origin}/api`;
    this.apiUrl = `${server.origin}/api/v10`;
    this.cdnUrl = `${server.origin}/cdn`;
    this.gatewayUrl = `${server.origin.replace('http', 'ws')}/gateway`;
  }

  static async start(options: DiscordSimulatorOptions = {}): Promise<DiscordSimulator> {
    const world = newWorld(new SeededIds(options.seed ?? 'discord'), options.clock ?? realClock);
    const faults = new Faults();
    const violations = new ViolationLog();
    const gateway = new GatewayServer(world, faults, violations, options.heartbeatIntervalMs ?? 41_250);
    const simulation: Simulation = {
      world,
      faults,
      violations,
      gateway,
      calls: [],
      bugs: [],
      rateLimits: options.rateLimits ?? 'generous',
    };
    const server = await LoopbackServer.listen(
      options.port ?? 0,
      (request) => routeRequest(simulation, request),
      (error) => simulation.bugs.push(error),
    );
    world.origin = server.origin;
    gateway.attach(server.server);
    return new DiscordSimulator(simulation, server);
  }

  createUser(user: { username: string; globalName?: string; avatar?: boolean }): DiscordUser {
    return createUser(this.#simulation, user);
  }

  /** Without an owner, one is made up. */
  createGuild(guild: { name: string; owner?: DiscordUser; members?: DiscordUser[] }): DiscordGuild {
    const owner = guild.owner ?? this.createUser({ username: 'owner', globalName: 'Owner' });
    return DiscordGuild.create(this.#simulation, guild.name, owner, guild.members ?? []);
  }

  /** A bot application; `privilegedIntents` are the switches of the developer portal, all on by default. */
  createBotApplication(
    options: {
      name?: string;
      privilegedIntents?: ('guildMembers' | 'guildPresences' | 'messageContent')[];
      interactionsUrl?: string;
    } = {},
  ): DiscordBot {
    return createBotApplication(this.#simulation, options);
  }

  /** The direct message of a person and a bot. */
  openDm(user: DiscordUser, bot: DiscordBot): DiscordChannel {
    return new DiscordChannel(this.#simulation, openDm(this.#simulation, user.id, bot.userId));
  }

  /** The handle of a channel or thread that came about through the API. */
  channel(channelId: string): DiscordChannel {
    return new DiscordChannel(this.#simulation, this.#channel(channelId));
  }

  #channel(channelId: string): Channel {
    const channel = this.#simulation.world.channels.get(channelId);
    if (!channel) throw new Error(`no channel ${channelId}`);
    return channel;
  }

  /** @returns the message's id. */
  postAs(user: DiscordUser, channel: DiscordChannel, message: PersonMessage): string {
    const record = this.#channel(channel.id);
    if (!mayView(this.#simulation.world, record, user.id))
      throw new Error(`${user.id} is not in ${channel.id}`);
    const attachments = (message.attachments ?? []).map((file) =>
      newAttachment(this.#simulation, record, file),
    );
    return createMessage(this.#simulation, record, {
      author: { kind: 'user', id: user.id },
      content: message.content ?? '',
      attachmentIds: attachments.map((attachment) => attachment.id),
      embeds: message.embeds ?? [],
      ...(message.replyTo ? { replyTo: message.replyTo } : {}),
    }).id;
  }

  editAs(user: DiscordUser, channel: DiscordChannel, messageId: string, content: string): void {
    editMessage(this.#simulation, this.#channel(channel.id), messageId, { content }, user.id);
  }

  deleteAs(user: DiscordUser, channel: DiscordChannel, messageId: string): void {
    const record = this.#channel(channel.id);
    const message = requireMessage(record, messageId);
    const mayDelete = permissionsIn(this.#simulation.world, record, user.id) & permission.manageMessages;
    if (message.author.id !== user.id && mayDelete === 0n)
      throw new Error(`${user.id} cannot delete ${messageId}`);
    deleteMessage(this.#simulation, record, messageId);
  }

  /** A moderator removes many at once: one MESSAGE_DELETE_BULK. */
  bulkDelete(channel: DiscordChannel, messageIds: string[]): void {
    bulkDeleteMessages(this.#simulation, this.#channel(channel.id), messageIds);
  }

  /** `emoji` is the character, or `name:id` of a custom one. */
  reactAs(user: DiscordUser, channel: DiscordChannel, messageId: string, emoji: string): void {
    addReaction(this.#simulation, this.#channel(channel.id), messageId, emoji, user.id);
  }

  unreactAs(user: DiscordUser, channel: DiscordChannel, messageId: string, emoji: string): void {
    removeReaction(this.#simulation, this.#channel(channel.id), messageId, emoji, user.id);
  }

  /** A moderator removes every reaction: one MESSAGE_REACTION_REMOVE_ALL. */
  clearReactions(channel: DiscordChannel, messageId: string): void {
    clearReactions(this.#simulation, this.#channel(channel.id), messageId);
  }

  typingAs(user: DiscordUser, channel: DiscordChannel): void {
    startTyping(this.#simulation, this.#channel(channel.id), user.id);
  }

  /** From a message when `messageId` is given (the thread then has its id); in a forum, `content` is the first post. */
  startThreadAs(
    user: DiscordUser,
    channel: DiscordChannel,
    thread: { name: string; messageId?: string; content?: string },
  ): DiscordChannel {
    const created = createThread(this.#simulation, this.#channel(channel.id), {
      name: thread.name,
      ownerId: user.id,
      ...(thread.messageId ? { messageId: thread.messageId } : {}),
      ...(thread.content ? { firstMessage: { content: thread.content } } : {}),
    });
    return new DiscordChannel(this.#simulation, created);
  }

  archiveThread(thread: DiscordChannel): void {
    setThreadArchived(this.#simulation, this.#channel(thread.id), true);
  }

  /** A link preview arrives: a MESSAGE_UPDATE without an edit. */
  embedArrives(channel: DiscordChannel, messageId: string, embed: Record<string, unknown>): void {
    embedArrives(this.#simulation, this.#channel(channel.id), messageId, embed);
  }

  /** A person uses a command or component: Discord sends the signed interaction to the URL, or by the gateway. */
  interact(interaction: InteractionRequest): Promise<InteractionResult> {
    return sendInteraction(this.#simulation, interaction);
  }

  get calls(): readonly LoggedCall[] {
    return this.#simulation.calls;
  }

  callsTo(operationId: string): LoggedCall[] {
    return this.#simulation.calls.filter((call) => call.operationId === operationId);
  }

  get violations(): readonly Violation[] {
    return this.#simulation.violations.all;
  }

  /** @throws Error when a request, reply or dispatch broke Discord's specification, or the simulator itself failed. */
  assertNoViolations(): void {
    if (this.#simulation.bugs.length > 0)
      throw new AggregateError(this.#simulation.bugs, 'the simulator failed');
    this.#simulation.violations.assertNone();
  }

  /** Moves a `ManualClock`, so that delays, bucket resets and link expiry fall due. */
  advance(byMs: number): void {
    const { clock } = this.#simulation.world;
    if (!(clock instanceof ManualClock)) throw new Error('advance needs a ManualClock');
    clock.advance(byMs);
  }

  async stop(): Promise<void> {
    this.#simulation.gateway.stop();
    await this.#server.close();
  }
}
