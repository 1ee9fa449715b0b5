import type { RoomId } from '../../../../matrix/identifiers.ts';
import type { Sqlite, SqlRow } from '../../../../platform/sqlite.ts';
import type { RemoteChatInfo } from '../../network-client.ts';

/** What the portal knows about its room. */
export interface PortalFacts {
  roomId: RoomId | undefined;
  /** The room is in the directory and its space, and its people are in it. */
  roomReady: boolean;
  historyDone: boolean;
  /** The chat as the room shows it. */
  info: RemoteChatInfo | undefined;
  avatarId: string | undefined;
  /** The room was told of losses, and nothing has got through since. */
  outageTold: boolean;
}

type Row = {
  room_id: string | null;
  room_ready: number;
  history_done: number;
  info: string | null;
  avatar_id: string | null;
  outage_told: number;
} & SqlRow;

/** The single row of table `portal`. */
export class PortalFactsTable {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  get(): PortalFacts {
    const row = this.#sqlite.get<Row>(
      'SELECT room_id, room_ready, history_done, info, avatar_id, outage_told FROM portal WHERE id = 1',
    );
    return {
      roomId: (row?.room_id ?? undefined) as RoomId | undefined,
      roomReady: row?.room_ready === 1,
      historyDone: row?.history_done === 1,
      info: row?.info ? (JSON.parse(row.info) as RemoteChatInfo) : undefined,
      avatarId: row?.avatar_id ?? undefined,
      outageTold: row?.outage_told === 1,
    };
  }

  setRoom(roomId: RoomId): void {
    this.#sqlite.run(
      'INSERT INTO portal (id, room_id) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET room_id = excluded.room_id',
      roomId,
    );
  }

  setRoomReady(info: RemoteChatInfo): void {
    this.#sqlite.run('UPDATE portal SET room_ready = 1, info = ? WHERE id = 1', JSON.stringify(info));
  }

  setHistoryDone(): void {
    this.#sqlite.run('UPDATE portal SET history_done = 1 WHERE id = 1');
  }

  setInfo(info: RemoteChatInfo): void {
    this.#sqlite.run('UPDATE portal SET info = ? WHERE id = 1', JSON.stringify(info));
  }

  /** Writes only if it differs. */
  setOutageTold(told: boolean): void {
    const value = told ? 1 : 0;
    this.#sqlite.run('UPDATE portal SET outage_told = ? WHERE id = 1 AND outage_told <> ?', value, value);
  }

  setAvatar(avatarId: string): void {
    this.#sqlite.run('UPDATE portal SET avatar_id = ? WHERE id = 1', avatarId);
  }
}
