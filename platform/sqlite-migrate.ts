import type { Sqlite } from './sqlite.ts';

/**
 * Brings an object's schema to the newest version. Call it from the constructor, before anything else.
 * @param migrations the SQL texts of `migrations/objects/<class>/`, in order; shipped ones never change
 */
export function migrate(sqlite: Sqlite, migrations: readonly string[]): void {
  sqlite.run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)');
  const current = sqlite.get<{ version: number }>('SELECT version FROM schema_version')?.version ?? 0;
  if (current >= migrations.length) return;
  sqlite.transaction(() => {
    for (const text of migrations.slice(current)) sqlite.run(text);
    sqlite.run('DELETE FROM schema_version');
    sqlite.run('INSERT INTO schema_version (version) VALUES (?)', migrations.length);
  });
}
