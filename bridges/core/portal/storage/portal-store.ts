import init from '../../../../migrations/objects/portal/0001-init.sql';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { migrate } from '../../../../platform/sqlite-migrate.ts';
import { LaneItems } from './lane-items.ts';
import { Members } from './members.ts';
import { MessageMap } from './message-map.ts';
import { Outbox } from './outbox.ts';
import { PortalFactsTable } from './portal-facts.ts';
import { ReactionMap } from './reaction-map.ts';

/** Everything that a portal stores, brought to the newest schema. */
export interface PortalStore {
  sqlite: Sqlite;
  lane: LaneItems;
  messages: MessageMap;
  reactions: ReactionMap;
  outbox: Outbox;
  facts: PortalFactsTable;
  members: Members;
}

export function openPortalStore(storage: DurableObjectStorage, meter: boolean): PortalStore {
  const sqlite = new Sqlite(storage, meter ? 'PortalObject' : undefined);
  migrate(sqlite, [init]);
  return {
    sqlite,
    lane: new LaneItems(sqlite),
    messages: new MessageMap(sqlite),
    reactions: new ReactionMap(sqlite),
    outbox: new Outbox(sqlite),
    facts: new PortalFactsTable(sqlite),
    members: new Members(sqlite),
  };
}
