import type { Sqlite, SqlRow } from '../../../../platform/sqlite.ts';
import type { Snowflake } from '../../snowflake.ts';

/** Permissions (decimal bits) by role, of the roles that the bot has; `@everyone` has the guild's id. */
export type RolePermissions = Record<string, string>;

type Row = { guild_id: string; roles: string; info_hash: string } & SqlRow;

export class GuildTable {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  roles(guildId: Snowflake): RolePermissions | undefined {
    const row = this.#sqlite.get<Row>('SELECT * FROM guilds WHERE guild_id = ?', guildId);
    return row && (JSON.parse(row.roles) as RolePermissions);
  }

  put(guildId: Snowflake, roles: RolePermissions, infoHash: string): void {
    this.#sqlite.run(
      `INSERT INTO guilds (guild_id, roles, info_hash) VALUES (?1, ?2, ?3)
       ON CONFLICT (guild_id) DO UPDATE SET roles = ?2, info_hash = ?3
       WHERE roles <> ?2 OR info_hash <> ?3`,
      guildId,
      JSON.stringify(roles),
      infoHash,
    );
  }

  setInfoHash(guildId: Snowflake, infoHash: string): void {
    this.#sqlite.run('UPDATE guilds SET info_hash = ? WHERE guild_id = ?', infoHash, guildId);
  }

  unsynced(limit: number): { guildId: Snowflake; infoHash: string }[] {
    return this.#sqlite
      .all<Row>('SELECT * FROM guilds WHERE synced_hash IS NOT info_hash LIMIT ?', limit)
      .map((row) => ({ guildId: row.guild_id as Snowflake, infoHash: row.info_hash }));
  }

  setSynced(guildId: Snowflake, infoHash: string): void {
    this.#sqlite.run('UPDATE guilds SET synced_hash = ? WHERE guild_id = ?', infoHash, guildId);
  }

  forgetSynced(): void {
    this.#sqlite.run('UPDATE guilds SET synced_hash = NULL');
  }

  delete(guildId: Snowflake): void {
    this.#sqlite.run('DELETE FROM guilds WHERE guild_id = ?', guildId);
  }

  count(): number {
    return this.#sqlite.get<{ n: number }>('SELECT count(*) AS n FROM guilds')?.n ?? 0;
  }
}
