import type { Webhook } from '../rest/discord-api.ts';
import { errorCode, refusedWith } from '../rest/discord-error.ts';
import type { Snowflake } from '../snowflake.ts';
import type { DiscordSession } from './discord-session.ts';

/** Discord allows no webhook to be named after itself. */
const webhookName = 'Matrix bridge';

/** The one by which we post in each channel, made when it is first needed. */
export class Webhooks {
  readonly #session: DiscordSession;
  readonly #known = new Map<Snowflake, Webhook | 'refused'>();

  constructor(session: DiscordSession) {
    this.#session = session;
  }

  /** @returns nothing if there is none yet */
  async find(channelId: Snowflake): Promise<Webhook | undefined> {
    const known = this.#known.get(channelId);
    if (known) return known === 'refused' ? undefined : known;
    const stored = await this.#session.gateway.webhookOf(channelId);
    if (!stored) return undefined;
    const { webhookId: id, sealedToken } = stored;
    const webhook = { id, token: await this.#session.config.secrets.open(sealedToken, context(id)) };
    this.#known.set(channelId, webhook);
    return webhook;
  }

  /**
   * @returns nothing if the bot may not have one there: it then posts under its own name
   * @throws DiscordError
   */
  async ensure(channelId: Snowflake): Promise<Webhook | undefined> {
    const found = await this.find(channelId);
    if (found || this.#known.get(channelId) === 'refused') return found;
    try {
      return await this.#adopt(channelId, (await this.#existing(channelId)) ?? (await this.#make(channelId)));
    } catch (error) {
      if (!refusedWith(error, errorCode.missingPermissions, tooManyWebhooks)) throw error;
      this.#known.set(channelId, 'refused');
      return undefined;
    }
  }

  async forget(channelId: Snowflake, webhook: Webhook): Promise<void> {
    this.#known.delete(channelId);
    await this.#session.gateway.dropWebhook(channelId, webhook.id);
  }

  /** One that we made before it could be stored. */
  async #existing(channelId: Snowflake): Promise<Webhook | undefined> {
    const { api, applicationId } = this.#session;
    const there = await api.listChannelWebhooks(channelId);
    const ours = there.find((webhook) => webhook.application_id === applicationId && webhook.token);
    return ours?.token ? { id: ours.id, token: ours.token } : undefined;
  }

  async #make(channelId: Snowflake): Promise<Webhook> {
    const { id, token } = await this.#session.api.createWebhook(channelId, webhookName);
    if (!token) throw new Error('Discord made a webhook without token');
    return { id, token };
  }

  async #adopt(channelId: Snowflake, webhook: Webhook): Promise<Webhook> {
    const sealedToken = await this.#session.config.secrets.seal(webhook.token, context(webhook.id));
    await this.#session.gateway.putWebhook(channelId, { webhookId: webhook.id, sealedToken });
    this.#known.set(channelId, webhook);
    return webhook;
  }
}

const tooManyWebhooks = 30007;

function context(webhookId: Snowflake): string {
  return `webhook ${webhookId}`;
}
