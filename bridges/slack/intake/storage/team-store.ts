import init from '../../../../migrations/objects/slack-team/0001-init.sql';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { migrate } from '../../../../platform/sqlite-migrate.ts';
import { Conversations } from './conversations.ts';
import { Inbox } from './inbox.ts';
import { StaleProfiles } from './stale-profiles.ts';
import { Stopped } from './stopped.ts';

/** Everything that a login's object stores, brought to the newest schema. */
export interface TeamStore {
  sqlite: Sqlite;
  inbox: Inbox;
  conversations: Conversations;
  staleProfiles: StaleProfiles;
  stopped: Stopped;
}

export function openTeamStore(storage: DurableObjectStorage, meter: boolean): TeamStore {
  const sqlite = new Sqlite(storage, meter ? 'SlackTeamObject' : undefined);
  migrate(sqlite, [init]);
  return {
    sqlite,
    inbox: new Inbox(sqlite),
    conversations: new Conversations(sqlite),
    staleProfiles: new StaleProfiles(sqlite),
    stopped: new Stopped(sqlite),
  };
}
