import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { projectDir } from '../../config/local.ts';
import { compatibilityDate, homeserver } from '../../config/workers.ts';
import { bundle, endBundler } from '../lib/bundle.ts';
import { superviseWorkerd } from '../lib/workerd-process.ts';
import { HeapMeter } from './heap-meter.ts';
import type { Measured } from './worker.ts';

/** Server of the room that is measured. */
export const serverName = 'roost.bench';

const vars = {
  ...homeserver.vars,
  SERVER_NAME: serverName,
  PUBLIC_BASE_URL: 'https://roost.bench',
  SIGNING_KEY: 'ed25519 bench YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1',
  ENCRYPTION_KEY: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY',
  ADMIN_TOKEN: 'bench-admin-token-bench-admin-token-bench',
  APPSERVICE_REGISTRATIONS: JSON.stringify([
    {
      id: 'bench',
      url: 'http://appservice.bench',
      as_token: 'bench-as-token',
      hs_token: 'bench-hs-token',
      sender_localpart: 'benchbot',
      namespaces: { users: [{ regex: '@_bench_.*:roost\\.bench', exclusive: true }], aliases: [], rooms: [] },
    },
  ]),
};

type Outbound = (request: Request) => Promise<Response>;

/** The measuring Worker in workerd, with its storage in a folder that is removed at the end. */
export class BenchRuntime {
  readonly #miniflare: Miniflare;
  readonly #dir: string;
  readonly #pid: string;

  readonly heap: HeapMeter;

  constructor(miniflare: Miniflare, dir: string, pid: string, heap: HeapMeter) {
    this.heap = heap;
    this.#miniflare = miniflare;
    this.#dir = dir;
    this.#pid = pid;
  }

  /** @param outbound in place of the way to other servers */
  static async start(
    outbound: Outbound = async () => new Response('', { status: 404 }),
  ): Promise<BenchRuntime> {
    const dir = mkdtempSync(path.join(tmpdir(), 'roost-bench-'));
    superviseWorkerd(dir);
    const contents = await bundle({ ...homeserver, name: 'bench', entry: 'scripts/bench/worker.ts' });
    await endBundler();
    const classNames = {
      ROOMS: 'BenchRoom',
      USERS: 'BenchFollower',
      USER_KEYS: 'BenchFollower',
      APPSERVICES: 'BenchFollower',
      DESTINATIONS: 'BenchFollower',
    };
    const miniflare = new Miniflare({
      ...convertV4MiniflareOptions({
        port: 0,
        inspectorPort: 0,
        log: new Log(LogLevel.NONE),
        handleStructuredLogs: () => {},
        workers: [
          {
            name: 'bench',
            modules: [{ type: 'ESModule', path: 'bench.mjs', contents }],
            compatibilityDate,
            durableObjects: Object.fromEntries(
              Object.entries(classNames).map(([binding, className]) => [
                binding,
                { className, useSQLite: true },
              ]),
            ),
            bindings: vars,
            d1Databases: { DB: 'bench' },
            kvNamespaces: { CACHE: 'bench' },
            serviceBindings: { OUTBOUND: outbound as never },
          },
        ],
      }),
      resourcePersistencePath: path.join(dir, 'storage'),
    });
    await miniflare.ready;
    await makeTables(await miniflare.getD1Database('DB'));
    const heap = await HeapMeter.start(await miniflare.getInspectorURL());
    return new BenchRuntime(miniflare, dir, readFileSync(path.join(dir, 'workerd.pid'), 'utf8').trim(), heap);
  }

  async call<Result>(
    room: string,
    method: string,
    parameters: unknown[],
    options: { countRows?: boolean; sizeOnly?: boolean } = {},
  ): Promise<Measured<Result>> {
    const cpuBefore = this.cpuMs();
    const response = await this.#miniflare.dispatchFetch('http://bench/', {
      method: 'POST',
      body: JSON.stringify({ room, method, parameters, countRows: false, sizeOnly: false, ...options }),
    });
    if (!response.ok) throw new Error(`${method}: ${await response.text()}`);
    const measured = (await response.json()) as Omit<Measured<Result>, 'cpuMs'>;
    return { ...measured, cpuMs: this.cpuMs() - cpuBefore };
  }

  /** The object's memory is lost, as after ten idle seconds. */
  async evict(room: string): Promise<void> {
    await this.call(room, 'evict', []).catch(() => undefined);
  }

  /** Processor time of the whole process so far, in ms. */
  cpuMs(): number {
    const fields = readFileSync(`/proc/${this.#pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  async stop(): Promise<void> {
    this.heap.stop();
    await this.#miniflare.dispose();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

async function makeTables(database: Pick<D1Database, 'prepare' | 'batch'>): Promise<void> {
  const folder = path.join(projectDir, 'migrations/d1/homeserver');
  for (const file of readdirSync(folder).toSorted()) {
    const statements = readFileSync(path.join(folder, file), 'utf8').split(/;\s*(?:\n|$)/);
    const made = statements.filter((text) => /\S/.test(text.replace(/^--.*$/gm, '')));
    await database.batch(made.map((text) => database.prepare(text)));
  }
}
