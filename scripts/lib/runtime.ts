import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { projectDir } from '../../config/local.ts';
import { compatibilityDate, homeserver, type WorkerDescription } from '../../config/workers.ts';
import { bundle, endBundler } from './bundle.ts';
import { clockName, clockWorker, runCron, startCrons } from './crons.ts';
import { collectGarbage, workerYoungSpace } from './memory.ts';
import { Outbound, type OutboundOptions } from './outbound.ts';
import { superviseWorkerd } from './workerd-process.ts';

export interface RuntimeOptions {
  dataDir: string;
  host: string;
  port: number;
  /** The first answers requests from outside. */
  workers: readonly WorkerDescription[];
  /** For tests alone: hashes of passwords that cost nothing, and protect nothing. */
  cheapPasswords?: boolean;
  /** Settings and secrets by Worker name; they win over the defaults of `config/workers.ts`. */
  vars: Record<string, Record<string, string>>;
  /** The way to other servers. Default: to public addresses alone. */
  outbound?: OutboundOptions;
  /** Every line that a Worker logs. */
  onLog(line: string): void;
}

export interface Runtime {
  url: string;
  stop(): Promise<void>;
}

/** What others choose to have fetched must not lead into the owner's network, whatever its name resolves to. */
const publicInternet = { network: { allow: ['public'], tlsOptions: { trustBrowserCas: true } } };

/** Runs the Workers of the product in workerd, with all storage in one folder. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  superviseWorkerd(options.dataDir);
  process.env.MINIFLARE_WORKERD_V8_FLAGS ??= workerYoungSpace;
  const mediaDisk = { disk: { path: openMediaFolder(options.dataDir), writable: true } };
  const descriptions = options.workers;
  const names = new Set(descriptions.map(({ name }) => name));
  const define: Record<string, string> = options.cheapPasswords ? { CHEAP_PASSWORDS: 'true' } : {};
  const outbound = new Outbound(options.outbound ?? { hosts: {}, allowsLoopback: false });
  const workers = await Promise.all(
    descriptions.map(async (worker) => ({
      name: worker.name,
      modules: [
        { type: 'ESModule' as const, path: `${worker.name}.mjs`, contents: await bundle(worker, define) },
      ],
      compatibilityDate,
      durableObjects: Object.fromEntries(
        Object.entries(worker.objects).map(([binding, className]) => [
          binding,
          { className, useSQLite: true },
        ]),
      ),
      d1Databases: Object.fromEntries(
        Object.entries(worker.databases).map(([binding, { name }]) => [binding, name]),
      ),
      kvNamespaces: Object.fromEntries(
        worker.caches.map((binding) => [binding, `${worker.name}-${binding}`]),
      ),
      r2Buckets: worker.buckets,
      ...(worker.images && { images: { binding: worker.images } }),
      serviceBindings: {
        ...Object.fromEntries(Object.entries(worker.services).filter(([, service]) => names.has(service))),
        ...(worker === homeserver && {
          PUBLIC_INTERNET: publicInternet,
          MEDIA_DISK: mediaDisk,
          OUTBOUND: { node: outbound.handle },
        }),
      },
      bindings: { ...worker.vars, ...options.vars[worker.name] },
    })),
  );
  await endBundler();
  const makeRuntime = (port: number) =>
    new Miniflare({
      ...convertV4MiniflareOptions({
        host: options.host,
        port,
        log: new Log(LogLevel.NONE),
        handleStructuredLogs: ({ message }: { message: string }) => options.onLog(message),
        workers: [...workers, clockWorker(descriptions)],
      }),
      resourcePersistencePath: path.join(options.dataDir, 'storage'),
    });
  await migrateBeforeServing(options.dataDir, descriptions, () => makeRuntime(0));
  const miniflare = makeRuntime(options.port);
  const url = (await miniflare.ready).origin;
  const clockUrl = await miniflare.unsafeGetDirectURL(clockName);
  const crons = startCrons(
    descriptions.flatMap((worker) =>
      worker.crons.map((pattern) => ({ pattern, run: () => runCron(clockUrl, worker.name, pattern) })),
    ),
    (error) => options.onLog(JSON.stringify({ level: 'error', event: 'cron.failed', error: String(error) })),
  );
  // Not before what starting has begun is over.
  setTimeout(collectGarbage, 1000).unref();
  return {
    url,
    async stop() {
      crons.stop();
      await miniflare.dispose();
      outbound.close();
    },
  };
}

/** @returns the folder of `DiskBlobStore`, without uploads that a crash left unfinished */
function openMediaFolder(dataDir: string): string {
  const folder = path.resolve(dataDir, 'storage', 'media');
  rmSync(path.join(folder, 'uploads'), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Nobody may be answered from a database without its tables: they are made by a runtime on a port that nobody
 * knows, when the migrations differ from those noted at the last start.
 */
async function migrateBeforeServing(
  dataDir: string,
  workers: readonly WorkerDescription[],
  makeRuntime: () => Miniflare,
): Promise<void> {
  const folders = workers.flatMap(({ databases }) =>
    Object.values(databases).map(({ migrations }) => migrations),
  );
  const wanted = folders.flatMap((folder) => sqlFiles(folder).map((name) => `${folder}/${name}`)).join('\n');
  const note = path.join(dataDir, 'migrated');
  if (existsSync(note) && readFileSync(note, 'utf8') === wanted) return;
  const miniflare = makeRuntime();
  await miniflare.ready;
  for (const worker of workers) await migrateDatabases(miniflare, worker);
  await miniflare.dispose();
  writeFileSync(note, wanted);
}

function sqlFiles(folder: string): string[] {
  return readdirSync(path.join(projectDir, folder))
    .filter((name) => name.endsWith('.sql'))
    .sort();
}

/** Applies what is missing of the numbered SQL files, in wrangler's own table of applied migrations. */
async function migrateDatabases(miniflare: Miniflare, worker: WorkerDescription): Promise<void> {
  for (const [binding, { migrations }] of Object.entries(worker.databases)) {
    const database = await miniflare.getD1Database(binding, worker.name);
    await database.exec(
      'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    );
    const applied = await database.prepare('SELECT name FROM d1_migrations').all<{ name: string }>();
    const known = new Set(applied.results.map(({ name }) => name));
    for (const name of sqlFiles(migrations)) {
      if (known.has(name)) continue;
      const statements = readFileSync(path.join(projectDir, migrations, name), 'utf8')
        .split(/;\s*(?:\n|$)/)
        .filter((statement) => statement.trim() !== '');
      await database.batch([
        ...statements.map((statement) => database.prepare(statement)),
        database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
      ]);
    }
  }
}
