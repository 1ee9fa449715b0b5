import type { UserId } from '../../../../matrix/identifiers.ts';
import { DueWork } from '../../../../platform/due-work.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { KnownAccountData } from './known-account-data.ts';
import { KnownPushers } from './known-pushers.ts';
import { KnownRestrictions } from './known-restrictions.ts';
import type { PresenceWatch } from './presence/presence-watch.ts';
import { Stream } from './stream.ts';

/** What the parts of the user's object work on. */
export interface UserContext {
  userId: UserId;
  sqlite: Sqlite;
  stream: Stream;
  /** Account data that the server itself acts upon. */
  known: KnownAccountData;
  pushers: KnownPushers;
  restrictions: KnownRestrictions;
  /** What the object's alarm does. */
  due: DueWork;
  /** Absent: presence is off. */
  presence: PresenceWatch | undefined;
}

export function makeUserContext(userId: UserId, sqlite: Sqlite, presence?: PresenceWatch): UserContext {
  return {
    userId,
    sqlite,
    stream: new Stream(sqlite),
    known: new KnownAccountData(sqlite),
    pushers: new KnownPushers(sqlite),
    restrictions: new KnownRestrictions(sqlite),
    due: new DueWork(sqlite),
    presence,
  };
}
