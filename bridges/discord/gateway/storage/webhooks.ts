import type { Sqlite, SqlRow } from '../../../../platform/sqlite.ts';
import type { Snowflake } from '../../snowflake.ts';

/** A webhook with its token sealed. */
export interface SealedWebhook {
  webhookId: Snowflake;
  sealedToken: string;
}

type Row = { webhook_id: string; token: string } & SqlRow;

export class WebhookTable {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  get(channelId: Snowflake): SealedWebhook | undefined {
    const row = this.#sqlite.get<Row>(
      'SELECT webhook_id, token FROM webhooks WHERE channel_id = ?',
      channelId,
    );
    return row && { webhookId: row.webhook_id as Snowflake, sealedToken: row.token };
  }

  put(channelId: Snowflake, { webhookId, sealedToken }: SealedWebhook): void {
    this.#sqlite.run(
      `INSERT INTO webhooks (channel_id, webhook_id, token) VALUES (?1, ?2, ?3)
       ON CONFLICT (channel_id) DO UPDATE SET webhook_id = ?2, token = ?3`,
      channelId,
      webhookId,
      sealedToken,
    );
  }

  delete(channelId: Snowflake, webhookId: Snowflake): void {
    this.#sqlite.run('DELETE FROM webhooks WHERE channel_id = ? AND webhook_id = ?', channelId, webhookId);
  }
}
