import type { Sqlite, SqlRow } from '../../../../platform/sqlite.ts';
import { compareSnowflakes, type Snowflake } from '../../snowflake.ts';

export type ChannelKind = 'category' | 'text' | 'thread';

export interface KnownChannel {
  channelId: Snowflake;
  guildId: Snowflake;
  /** The category of a channel, the channel of a thread. */
  parentId: Snowflake | undefined;
  kind: ChannelKind;
  seenId: Snowflake | undefined;
  lastId: Snowflake | undefined;
  behind: boolean;
}

/** A channel as Discord describes it now. */
export interface ChannelUpdate {
  channelId: Snowflake;
  guildId: Snowflake;
  parentId: Snowflake | undefined;
  kind: ChannelKind;
  /** Changes when something changes that the room shows. */
  infoHash: string;
  lastId: Snowflake | undefined;
}

type Row = {
  channel_id: string;
  guild_id: string;
  parent_id: string | null;
  kind: string;
  info_hash: string;
  seen_id: string | null;
  last_id: string | null;
  behind: number;
} & SqlRow;

/** The channels and threads that the bot sees. */
export class ChannelTable {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  get(channelId: Snowflake): KnownChannel | undefined {
    const row = this.#sqlite.get<Row>('SELECT * FROM channels WHERE channel_id = ?', channelId);
    return row && known(row);
  }

  /** What was written in a new channel before it was known is its portal's history, not missed. */
  put(update: ChannelUpdate): void {
    this.#sqlite.run(
      `INSERT INTO channels (channel_id, guild_id, parent_id, kind, info_hash, seen_id, last_id)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
       ON CONFLICT (channel_id) DO UPDATE SET parent_id = ?3, kind = ?4, info_hash = ?5,
         last_id = coalesce(?6, last_id)
       WHERE parent_id IS NOT ?3 OR kind <> ?4 OR info_hash <> ?5 OR last_id IS NOT coalesce(?6, last_id)`,
      update.channelId,
      update.guildId,
      update.parentId ?? null,
      update.kind,
      update.infoHash,
      update.lastId ?? null,
    );
  }

  /** After a lost session: whatever Discord has newer messages of than we have seen. */
  markBehind(update: ChannelUpdate): void {
    const { seenId, behind } = this.get(update.channelId) ?? { seenId: undefined, behind: true };
    if (behind || !update.lastId || (seenId && compareSnowflakes(seenId, update.lastId) >= 0)) return;
    this.#sqlite.run('UPDATE channels SET behind = 1 WHERE channel_id = ?', update.channelId);
  }

  setSeen(channelId: Snowflake, seenId: Snowflake): void {
    this.#sqlite.run('UPDATE channels SET seen_id = ? WHERE channel_id = ?', seenId, channelId);
  }

  setLast(channelId: Snowflake, lastId: Snowflake): void {
    this.#sqlite.run('UPDATE channels SET last_id = ? WHERE channel_id = ?', lastId, channelId);
  }

  /** The newest message that Discord told of may have been deleted: then nothing newer was found. */
  setCaughtUp(channelId: Snowflake): void {
    this.#sqlite.run(
      'UPDATE channels SET behind = 0, seen_id = coalesce(last_id, seen_id) WHERE channel_id = ?',
      channelId,
    );
  }

  behind(limit: number): KnownChannel[] {
    return this.#sqlite.all<Row>('SELECT * FROM channels WHERE behind = 1 LIMIT ?', limit).map(known);
  }

  /** Whose portal does not know their state: text channels, and categories that hold some. */
  unsynced(limit: number): (KnownChannel & { infoHash: string })[] {
    return this.#sqlite
      .all<Row>(
        `SELECT * FROM channels WHERE synced_hash IS NOT info_hash AND (kind = 'text' OR kind = 'category'
           AND EXISTS (SELECT 1 FROM channels AS child
                       WHERE child.parent_id = channels.channel_id AND child.kind = 'text')) LIMIT ?`,
        limit,
      )
      .map((row) => ({ ...known(row), infoHash: row.info_hash }));
  }

  setSynced(channelId: Snowflake, infoHash: string): void {
    this.#sqlite.run('UPDATE channels SET synced_hash = ? WHERE channel_id = ?', infoHash, channelId);
  }

  delete(channelId: Snowflake): void {
    this.#sqlite.run('DELETE FROM channels WHERE channel_id = ?', channelId);
  }

  ofGuild(guildId: Snowflake): KnownChannel[] {
    return this.#sqlite.all<Row>('SELECT * FROM channels WHERE guild_id = ?', guildId).map(known);
  }

  count(): number {
    return this.#sqlite.get<{ n: number }>(`SELECT count(*) AS n FROM channels WHERE kind = 'text'`)?.n ?? 0;
  }

  /** All rooms are to be brought into line again. */
  forgetSynced(): void {
    this.#sqlite.run('UPDATE channels SET synced_hash = NULL');
  }
}

function known(row: Row): KnownChannel {
  return {
    channelId: row.channel_id as Snowflake,
    guildId: row.guild_id as Snowflake,
    parentId: (row.parent_id ?? undefined) as Snowflake | undefined,
    kind: row.kind as ChannelKind,
    seenId: (row.seen_id ?? undefined) as Snowflake | undefined,
    lastId: (row.last_id ?? undefined) as Snowflake | undefined,
    behind: row.behind === 1,
  };
}
