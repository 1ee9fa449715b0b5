import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface RoostOptions {
  serverName?: string;
  bridges?: boolean;
  meter?: boolean;
  /** A folder of registration files. */
  appserviceDir?: string;
  slackApiUrl?: string;
  discordApiUrl?: string;
  discordCdnUrl?: string;
  /** Default: a free one. */
  port?: number;
  /** Further variables of the launcher. */
  env?: Record<string, string>;
}

/** A whole server as its own processes, started by the launcher, so that it can be stopped and killed. */
export class Roost {
  readonly serverName: string;
  readonly url: string;
  readonly dataDir: string;
  /** Everything that the Workers logged since the first start. */
  readonly logLines: string[] = [];
  readonly #env: Record<string, string>;
  #process: ChildProcess | undefined;
  #ended: Promise<number | null> | undefined;

  private constructor(serverName: string, url: string, dataDir: string, env: Record<string, string>) {
    this.serverName = serverName;
    this.url = url;
    this.dataDir = dataDir;
    this.#env = env;
  }

  static async start(options: RoostOptions = {}): Promise<Roost> {
    const port = options.port ?? (await freePort());
    const dataDir = mkdtempSync(path.join(tmpdir(), 'roost-test-'));
    const serverName = options.serverName ?? 'localhost';
    const roost = new Roost(serverName, `http://127.0.0.1:${port}`, dataDir, {
      HS_SERVER_NAME: serverName,
      HS_CLIENT_PORT: String(port),
      HS_DATA_DIR: dataDir,
      HS_REGISTRATION_SHARED_SECRET: 'test-shared-secret',
      ...(options.bridges && { HS_BRIDGES: '1' }),
      ...(options.meter && { HS_METER: '1' }),
      ...(options.appserviceDir && { HS_APPSERVICE_DIR: options.appserviceDir }),
      ...(options.slackApiUrl && { SLACK_API_URL: options.slackApiUrl }),
      ...(options.discordApiUrl && { DISCORD_API_URL: options.discordApiUrl }),
      ...(options.discordCdnUrl && { DISCORD_CDN_URL: options.discordCdnUrl }),
      ...options.env,
    });
    await roost.start();
    return roost;
  }

  /** Starts it (again) on the same data, address and port. */
  async start(): Promise<void> {
    const child = spawn(path.resolve('scripts/launch-homeserver'), {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...this.#env },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    this.#process = child;
    this.#ended = new Promise((resolve) => child.on('exit', resolve));
    await new Promise<void>((resolve, reject) => {
      let rest = '';
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        this.logLines.push(...lines);
        if (lines.some((line) => line.includes('"launcher.ready"'))) resolve();
      });
      child.on('exit', (code) => reject(new Error(`the launcher ended with ${code}:\n${this.logTail()}`)));
    });
  }

  /** Stops it as an owner would. @returns its exit code */
  async stop(): Promise<number | null> {
    this.#process?.kill('SIGTERM');
    return (await this.#ended) ?? null;
  }

  /** Ends launcher and runtime at once, as a power cut would. */
  async kill(): Promise<void> {
    if (this.#process?.pid === undefined) return;
    process.kill(-this.#process.pid, 'SIGKILL');
    await this.#ended;
  }

  async stopAndRemove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** What answers below `/_bridge/`. */
  get bridgesUrl(): string {
    return this.url;
  }

  logTail(lines = 40): string {
    return this.logLines.slice(-lines).join('\n');
  }

  /** Secrets of this server, for tests that act as its owner. */
  identity(): { adminToken: string; provisioningToken: string } {
    const file = path.join(this.dataDir, 'identity.json');
    if (!existsSync(file)) throw new Error('not started yet');
    return JSON.parse(readFileSync(file, 'utf8'));
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject()));
    });
  });
}
