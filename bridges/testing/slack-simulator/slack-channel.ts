import { setArchived } from './operations/channels.ts';
import { unfurlMessage } from './operations/messages.ts';
import { renderMessage, repliesTo } from './render/render-message.ts';
import type { Simulation } from './slack-simulator.ts';
import type { SlackUser } from './slack-user.ts';
import { compareTs } from './timestamps.ts';
import type { Channel, ChannelKind, Team } from './world.ts';

/** A message as the Web API would show it, metadata and reactions included. */
export interface ShownMessage {
  ts: string;
  text: string;
  user?: string;
  subtype?: string;
  app_id?: string;
  bot_id?: string;
  username?: string;
  thread_ts?: string;
  reactions?: { name: string; users: string[]; count: number }[];
  [field: string]: unknown;
}

/** A conversation of any kind. */
export class SlackChannel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly #simulation: Simulation;
  readonly #team: Team;
  readonly #channel: Channel;

  constructor(simulation: Simulation, team: Team, channel: Channel) {
    this.#simulation = simulation;
    this.#team = team;
    this.#channel = channel;
    this.id = channel.id;
    this.kind = channel.kind;
  }

  get name(): string {
    return this.#channel.name;
  }

  get topic(): string {
    return this.#channel.topic.value;
  }

  get memberIds(): string[] {
    return [...this.#channel.members];
  }

  #show(ts: string): ShownMessage | undefined {
    const message = this.#channel.messages.get(ts);
    if (!message) return undefined;
    return renderMessage(this.#simulation.world, this.#team, this.#channel, message, {
      metadata: true,
    }) as unknown as ShownMessage;
  }

  /** Everything said here, replies included, oldest first. */
  get messages(): ShownMessage[] {
    return [...this.#channel.messages.keys()].sort(compareTs).flatMap((ts) => this.#show(ts) ?? []);
  }

  message(ts: string): ShownMessage | undefined {
    return this.#show(ts);
  }

  replies(threadTs: string): ShownMessage[] {
    return repliesTo(this.#channel, threadTs).flatMap((reply) => this.#show(reply.ts) ?? []);
  }

  /** A link preview arrives some time after the message: a `message_changed` that nobody edited. */
  unfurl(ts: string, attachment: Record<string, unknown>): void {
    unfurlMessage(this.#simulation, this.#channel, ts, attachment);
  }

  archive(by: SlackUser): void {
    setArchived(this.#simulation, this.#channel, by.id, true);
  }

  unarchive(by: SlackUser): void {
    setArchived(this.#simulation, this.#channel, by.id, false);
  }
}
