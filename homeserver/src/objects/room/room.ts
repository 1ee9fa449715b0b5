import type { RoomId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { Config } from '../../config.ts';
import type { RoomVersion } from '../../protocol/room-versions.ts';

/** What every part of a room works on: a room that exists. */
export interface Room {
  sqlite: Sqlite;
  roomId: RoomId;
  version: RoomVersion;
  config: Config;
  /** Joined without its members, which are still to come: see `partial/`. A copy of what is stored. */
  isPartial?: boolean;
}
