import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { DueWork } from './due-work.ts';
import { Sqlite } from './sqlite.ts';
import { migrate } from './sqlite-migrate.ts';

/** Any object will do: its storage is what is tested. */
function inStorage(name: string, body: (sqlite: Sqlite, storage: DurableObjectStorage) => Promise<void>) {
  const namespace = (env as unknown as { APPSERVICES: DurableObjectNamespace }).APPSERVICES;
  return runInDurableObject(namespace.getByName(name), async (_instance, state) => {
    state.storage.sql.exec('DROP TABLE IF EXISTS due_work');
    const sqlite = new Sqlite(state.storage);
    sqlite.run('CREATE TABLE due_work (name TEXT PRIMARY KEY, due_ms INTEGER NOT NULL) WITHOUT ROWID');
    await body(sqlite, state.storage);
  });
}

const future = () => Date.now() + 3_600_000;
const fail = (name: string, error: unknown) => {
  throw new Error(`${name}: ${error}`);
};

test('the earliest piece sets the alarm, and a later wish writes nothing', () =>
  inStorage('earliest', async (sqlite, storage) => {
    const due = new DueWork(sqlite);
    const at = future();
    due.schedule('a', at);
    due.schedule('b', at + 1000);
    expect(await storage.getAlarm()).toBe(at);
    due.schedule('b', at + 5000);
    due.schedule('b', at - 1000);
    expect(await storage.getAlarm()).toBe(at - 1000);
    expect(sqlite.all('SELECT name, due_ms FROM due_work ORDER BY name')).toEqual([
      { name: 'a', due_ms: at },
      { name: 'b', due_ms: at - 1000 },
    ]);
  }));

test('only what is due runs, and what is done is gone', () =>
  inStorage('run', async (sqlite) => {
    const due = new DueWork(sqlite);
    const at = future();
    due.schedule('now', at);
    due.schedule('later', at + 1000);
    const ran: string[] = [];
    const handler = (name: string) => async () => {
      ran.push(name);
      return undefined;
    };
    await due.run(at, { now: handler('now'), later: handler('later') }, fail);
    expect(ran).toEqual(['now']);
    expect(sqlite.all('SELECT name FROM due_work')).toEqual([{ name: 'later' }]);
  }));

test('a piece that throws stays due, is reported, and stops no other', () =>
  inStorage('throw', async (sqlite) => {
    const due = new DueWork(sqlite);
    const at = future();
    due.schedule('bad', at);
    due.schedule('good', at);
    const reported: string[] = [];
    let good = 0;
    await due.run(
      at,
      {
        bad: async () => {
          throw new Error('no');
        },
        good: async () => {
          good += 1;
          return undefined;
        },
      },
      (name) => reported.push(name),
      7000,
    );
    expect(good).toBe(1);
    expect(reported).toEqual(['bad']);
    expect(sqlite.all('SELECT name, due_ms FROM due_work')).toEqual([{ name: 'bad', due_ms: at + 7000 }]);
  }));

test('while a handler runs the piece stays due, and a wish made meanwhile is kept', () =>
  inStorage('meanwhile', async (sqlite) => {
    const due = new DueWork(sqlite);
    const at = future();
    due.schedule('work', at);
    await due.run(
      at,
      {
        work: async () => {
          expect(sqlite.get('SELECT due_ms FROM due_work')).toEqual({ due_ms: at + 5000 });
          due.schedule('work', at + 60_000);
          return at + 90_000;
        },
      },
      fail,
    );
    expect(sqlite.all('SELECT name, due_ms FROM due_work')).toEqual([{ name: 'work', due_ms: at + 60_000 }]);
  }));

test('migrations run once, in order, all or nothing', () =>
  inStorage('migrate', async (sqlite) => {
    sqlite.run('DROP TABLE IF EXISTS schema_version');
    sqlite.run('DROP TABLE IF EXISTS things');
    const first = 'CREATE TABLE things (id INTEGER PRIMARY KEY); INSERT INTO things VALUES (1);';
    const second = 'INSERT INTO things VALUES (2);';
    migrate(sqlite, [first]);
    migrate(sqlite, [first]);
    expect(() => migrate(sqlite, [first, `${second} INSERT INTO nothing VALUES (1);`])).toThrow();
    expect(sqlite.all('SELECT id FROM things')).toEqual([{ id: 1 }]);
    migrate(sqlite, [first, second]);
    expect(sqlite.all('SELECT id FROM things')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(sqlite.get('SELECT version FROM schema_version')).toEqual({ version: 2 });
  }));
