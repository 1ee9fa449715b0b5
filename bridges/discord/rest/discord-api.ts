import type { APIAllowedMentions } from 'discord-api-types/v10';
import * as v from 'valibot';
import type { Snowflake } from '../snowflake.ts';
import {
  applicationSchema,
  channelSchema,
  gatewayBotSchema,
  guildSchema,
  rawMessageSchema,
  roleSchema,
  userSchema,
  webhookSchema,
} from './answers.ts';
import { RestClient, type RestClientOptions, restPath } from './rest-client.ts';

/** A webhook and the secret that lets everybody post by it. Never logged. */
export interface Webhook {
  id: Snowflake;
  token: string;
}

export interface NewMessage {
  content?: string;
  allowed_mentions: APIAllowedMentions;
  nonce?: string;
  enforce_nonce?: boolean;
  message_reference?: { message_id: Snowflake; fail_if_not_exists: false };
  username?: string;
  avatar_url?: string;
  attachments?: { id: number; filename: string }[];
}

export interface NewFile {
  name: string;
  bytes: Blob;
}

export interface MessagesQuery {
  limit?: string;
  after?: Snowflake;
  before?: Snowflake;
}

/**
 * The calls that the bridge makes, named by Discord's `operationId`s. Reading ones throw as
 * `RestClient.read` does, the others as `RestClient.call`.
 */
export class DiscordApi {
  readonly #rest: RestClient;

  constructor(options: RestClientOptions) {
    this.#rest = new RestClient(options);
  }

  getGatewayBot() {
    return this.#rest.read(restPath`/gateway/bot`, gatewayBotSchema);
  }

  getMyUser() {
    return this.#rest.call('GET', restPath`/users/@me`, userSchema);
  }

  getMyApplication() {
    return this.#rest.call('GET', restPath`/applications/@me`, applicationSchema);
  }

  async setInteractionsUrl(url: string): Promise<void> {
    const json = { interactions_endpoint_url: url };
    await this.#rest.call('PATCH', restPath`/applications/@me`, applicationSchema, { json });
  }

  getUser(userId: Snowflake) {
    return this.#rest.read(restPath`/users/${userId}`, userSchema);
  }

  getGuild(guildId: Snowflake) {
    return this.#rest.read(restPath`/guilds/${guildId}`, guildSchema);
  }

  listGuildRoles(guildId: Snowflake) {
    return this.#rest.read(restPath`/guilds/${guildId}/roles`, v.array(roleSchema));
  }

  getChannel(channelId: Snowflake) {
    return this.#rest.read(restPath`/channels/${channelId}`, channelSchema);
  }

  /** Newest first, whatever is asked for. */
  listMessages(channelId: Snowflake, query: MessagesQuery) {
    const target = restPath`/channels/${channelId}/messages`;
    return this.#rest.read(target, v.array(rawMessageSchema), { query: { ...query } });
  }

  getMessage(channelId: Snowflake, messageId: Snowflake) {
    return this.#rest.read(restPath`/channels/${channelId}/messages/${messageId}`, rawMessageSchema);
  }

  createMessage(channelId: Snowflake, message: NewMessage, files: NewFile[] = []) {
    const target = restPath`/channels/${channelId}/messages`;
    return this.#rest.call('POST', target, rawMessageSchema, body(message, files));
  }

  updateMessage(channelId: Snowflake, messageId: Snowflake, message: NewMessage) {
    const target = restPath`/channels/${channelId}/messages/${messageId}`;
    return this.#rest.call('PATCH', target, rawMessageSchema, { json: message });
  }

  async deleteMessage(channelId: Snowflake, messageId: Snowflake): Promise<void> {
    await this.#rest.call('DELETE', restPath`/channels/${channelId}/messages/${messageId}`, v.unknown());
  }

  async addMyMessageReaction(channelId: Snowflake, messageId: Snowflake, emoji: string): Promise<void> {
    const target = restPath`/channels/${channelId}/messages/${messageId}/reactions/${emoji}/@me`;
    await this.#rest.call('PUT', target, v.unknown());
  }

  async deleteMyMessageReaction(channelId: Snowflake, messageId: Snowflake, emoji: string): Promise<void> {
    const target = restPath`/channels/${channelId}/messages/${messageId}/reactions/${emoji}/@me`;
    await this.#rest.call('DELETE', target, v.unknown());
  }

  async triggerTypingIndicator(channelId: Snowflake): Promise<void> {
    await this.#rest.call('POST', restPath`/channels/${channelId}/typing`, v.unknown());
  }

  createThreadFromMessage(channelId: Snowflake, messageId: Snowflake, name: string) {
    const target = restPath`/channels/${channelId}/messages/${messageId}/threads`;
    return this.#rest.call('POST', target, channelSchema, { json: { name } });
  }

  getWebhook(webhookId: Snowflake) {
    return this.#rest.read(restPath`/webhooks/${webhookId}`, webhookSchema);
  }

  listChannelWebhooks(channelId: Snowflake) {
    return this.#rest.call('GET', restPath`/channels/${channelId}/webhooks`, v.array(webhookSchema));
  }

  createWebhook(channelId: Snowflake, name: string) {
    const target = restPath`/channels/${channelId}/webhooks`;
    return this.#rest.call('POST', target, webhookSchema, { json: { name } });
  }

  /** @param threadId for a message in a thread of the webhook's channel */
  executeWebhook(
    { id, token }: Webhook,
    threadId: Snowflake | undefined,
    message: NewMessage,
    files: NewFile[] = [],
  ) {
    const query = { wait: 'true', thread_id: threadId };
    const call = { ...body(message, files), query, isWebhook: true };
    return this.#rest.call('POST', restPath`/webhooks/${id}/${token}`, rawMessageSchema, call);
  }

  updateWebhookMessage(
    { id, token }: Webhook,
    threadId: Snowflake | undefined,
    messageId: Snowflake,
    message: NewMessage,
  ) {
    const target = restPath`/webhooks/${id}/${token}/messages/${messageId}`;
    const call = { json: message, query: { thread_id: threadId }, isWebhook: true };
    return this.#rest.call('PATCH', target, rawMessageSchema, call);
  }

  async deleteWebhookMessage(
    { id, token }: Webhook,
    threadId: Snowflake | undefined,
    messageId: Snowflake,
  ): Promise<void> {
    const target = restPath`/webhooks/${id}/${token}/messages/${messageId}`;
    await this.#rest.call('DELETE', target, v.unknown(), { query: { thread_id: threadId }, isWebhook: true });
  }

  async bulkSetApplicationCommands(applicationId: Snowflake, commands: unknown[]): Promise<void> {
    const target = restPath`/applications/${applicationId}/commands`;
    await this.#rest.call('PUT', target, v.unknown(), { json: commands });
  }
}

function body(message: NewMessage, files: readonly NewFile[]): { json: unknown } | { form: FormData } {
  if (files.length === 0) return { json: message };
  const form = new FormData();
  const attachments = files.map((file, id) => ({ id, filename: file.name }));
  form.set('payload_json', JSON.stringify({ ...message, attachments }));
  for (const [id, file] of files.entries()) form.set(`files[${id}]`, file.bytes, file.name);
  return { form };
}
