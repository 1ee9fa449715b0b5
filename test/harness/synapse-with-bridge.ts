import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BridgedServer, NetworkUrls } from './bridged-server.ts';
import { freePort } from './roost.ts';

const serverName = 'synapse.test';

/** One of our bridges beside Synapse, which knows it by its registration alone. */
export class SynapseWithBridge implements BridgedServer {
  readonly url: string;
  readonly bridgesUrl: string;
  readonly #dir: string;
  readonly #command: string[];
  readonly #env: NodeJS.ProcessEnv;
  #synapse: ChildProcess | undefined;
  #bridge: ChildProcess | undefined;

  private constructor(dir: string, port: number, bridgePort: number, network: string, urls: NetworkUrls) {
    this.url = `http://127.0.0.1:${port}`;
    this.bridgesUrl = `http://127.0.0.1:${bridgePort}`;
    this.#dir = dir;
    this.#command = [
      path.resolve('scripts/start-bridge.ts'),
      network,
      ...['--homeserver', this.url, '--server-name', serverName],
      ...['--port', String(bridgePort), '--data', this.#bridgeDir],
    ];
    this.#env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      SLACK_API_URL: urls.slackApiUrl,
      DISCORD_API_URL: urls.discordApiUrl,
      DISCORD_CDN_URL: urls.discordCdnUrl,
      HS_SERVER_NAME: serverName,
      HS_CLIENT_PORT: String(port),
      HS_DATA_DIR: path.join(dir, 'synapse'),
      HS_APPSERVICE_DIR: path.join(this.#bridgeDir, 'appservices'),
      HS_REGISTRATION_SHARED_SECRET: 'test-shared-secret',
    };
  }

  static async start(network: 'slack' | 'discord', urls: NetworkUrls): Promise<SynapseWithBridge> {
    const dir = mkdtempSync(path.join(tmpdir(), 'roost-synapse-'));
    const server = new SynapseWithBridge(dir, await freePort(), await freePort(), network, urls);
    // The bridge first: Synapse reads registrations when it starts.
    await server.start();
    await server.#startSynapse();
    return server;
  }

  get logLines(): string[] {
    const file = path.join(this.#bridgeDir, 'bridge.log');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, this.#command, {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    this.#bridge = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (text) => String(text).includes('is ready') && resolve());
      child.on('exit', (code) => reject(new Error(`the bridge ended with ${code}`)));
    });
  }

  async kill(): Promise<void> {
    await end(this.#bridge, 'SIGKILL');
  }

  async stopAndRemove(): Promise<void> {
    await end(this.#bridge, 'SIGTERM');
    await end(this.#synapse, 'SIGTERM');
    rmSync(this.#dir, { recursive: true, force: true });
  }

  identity(): { provisioningToken: string } {
    return JSON.parse(readFileSync(path.join(this.#bridgeDir, 'identity.json'), 'utf8'));
  }

  get #bridgeDir(): string {
    return path.join(this.#dir, 'bridge');
  }

  async #startSynapse(): Promise<void> {
    const child = spawn(path.resolve('scripts/launch-synapse'), {
      env: this.#env,
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    });
    this.#synapse = child;
    for (let tries = 0; tries < 240; tries++) {
      if (child.exitCode !== null) throw new Error(`Synapse ended with ${child.exitCode}`);
      const answer = await fetch(`${this.url}/_matrix/client/versions`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error('Synapse does not answer');
  }
}

/** Ends a process with all that it started. */
async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.on('exit', resolve));
  process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
  await ended;
}
