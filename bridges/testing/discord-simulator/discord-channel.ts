import type { DiscordBot } from './discord-bot.ts';
import type { Simulation } from './discord-simulator.ts';
import { changeChannel, deleteChannel } from './operations/channels.ts';
import { permission } from './permissions.ts';
import { renderMessage } from './render/render-message.ts';
import { compareSnowflakes } from './snowflakes.ts';
import type { Channel, Webhook } from './world.ts';

/** A message as an all-seeing client would get it. */
export interface ShownMessage {
  id: string;
  channel_id: string;
  content: string;
  author: { id: string; username: string; bot?: boolean };
  webhook_id?: string;
  attachments: { id: string; filename: string; url: string; size: number }[];
  embeds: Record<string, unknown>[];
  reactions?: { emoji: { id: string | null; name: string }; count: number }[];
  [field: string]: unknown;
}

/** A channel, thread or direct message. */
export class DiscordChannel {
  readonly id: string;
  readonly #simulation: Simulation;
  readonly #channel: Channel;

  constructor(simulation: Simulation, channel: Channel) {
    this.#simulation = simulation;
    this.#channel = channel;
    this.id = channel.id;
  }

  get name(): string {
    return this.#channel.name;
  }

  get topic(): string | null {
    return this.#channel.topic;
  }

  get isArchived(): boolean {
    return this.#channel.thread?.archived ?? false;
  }

  /** Oldest first. */
  get messages(): ShownMessage[] {
    return [...this.#channel.messages.keys()].sort(compareSnowflakes).flatMap((id) => this.message(id) ?? []);
  }

  message(id: string): ShownMessage | undefined {
    const message = this.#channel.messages.get(id);
    if (!message) return undefined;
    return renderMessage(this.#simulation.world, message) as unknown as ShownMessage;
  }

  /** Who reacted with an emoji (a character, or `name:id`). */
  reactedWith(messageId: string, emoji: string): string[] {
    const reactions = this.#channel.messages.get(messageId)?.reactions ?? [];
    const found = reactions.find(({ emoji: { id, name } }) => (id ? `${name}:${id}` : name) === emoji);
    return [...(found?.userIds ?? [])];
  }

  /** The channel's webhooks, tokens included: what only the bridge itself should know. */
  get webhooks(): Webhook[] {
    return [...this.#simulation.world.webhooks.values()].filter((hook) => hook.channelId === this.id);
  }

  /** Somebody deletes a webhook in the channel's settings; its next use answers 10015. */
  deleteWebhook(webhookId: string): void {
    this.#simulation.world.webhooks.delete(webhookId);
  }

  change(changes: { name?: string; topic?: string | null }): void {
    changeChannel(this.#simulation, this.#channel, changes);
  }

  /** Takes permissions from a bot here, as a channel overwrite. */
  deny(bot: DiscordBot, names: (keyof typeof permission)[]): void {
    const deny = names.reduce((bits, name) => bits | permission[name], 0n);
    this.#channel.overwrites = this.#channel.overwrites.filter((overwrite) => overwrite.id !== bot.userId);
    this.#channel.overwrites.push({ id: bot.userId, type: 1, allow: 0n, deny });
  }

  delete(): void {
    deleteChannel(this.#simulation, this.#channel);
  }
}
