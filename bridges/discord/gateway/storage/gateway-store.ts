import init from '../../../../migrations/objects/discord-gateway/0001-init.sql';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { migrate } from '../../../../platform/sqlite-migrate.ts';
import { ChannelTable } from './channels.ts';
import { GuildTable } from './guilds.ts';
import { SessionTable } from './session.ts';
import { WebhookTable } from './webhooks.ts';

/** Everything that a gateway keeps. */
export interface GatewayStore {
  sqlite: Sqlite;
  session: SessionTable;
  guilds: GuildTable;
  channels: ChannelTable;
  webhooks: WebhookTable;
}

export function openGatewayStore(storage: DurableObjectStorage, isMetered: boolean): GatewayStore {
  const sqlite = new Sqlite(storage, isMetered ? 'DiscordGatewayObject' : undefined);
  migrate(sqlite, [init]);
  return {
    sqlite,
    session: new SessionTable(sqlite),
    guilds: new GuildTable(sqlite),
    channels: new ChannelTable(sqlite),
    webhooks: new WebhookTable(sqlite),
  };
}
