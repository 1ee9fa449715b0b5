import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectDir } from '../../config/local.ts';
import { type TestAppservice, writeAppservice } from '../../test/conformance/lib/appservice.ts';
import type { CertificateAuthority } from '../../test/harness/federation/certificates.ts';
import { freePort } from '../../test/harness/roost.ts';
import { writeSynapseSettings } from './synapse-settings.ts';

const version = '1.163.2';
const folder = path.join(projectDir, '.cache/synapse');
export const python = path.join(folder, 'bin/python');

function writeCertificates(dir: string, ca: CertificateAuthority): { cert: string; key: string; ca: string } {
  const { cert, key } = ca.issue('localhost');
  const write = (name: string, text: string) => {
    const file = path.join(dir, name);
    writeFileSync(file, text);
    return file;
  };
  return { cert: write('cert.pem', cert), key: write('key.pem', key), ca: write('ca.pem', ca.cert) };
}

/** Synapse with SQLite in a temporary folder, open to everybody, without limits of rates. */
export class SynapseProcess {
  readonly url: string;
  readonly serverName: string;
  readonly appservice: TestAppservice;
  readonly #dir: string;
  #process: ChildProcess;

  private constructor(url: string, serverName: string, dir: string, appservice: TestAppservice) {
    this.url = url;
    this.serverName = serverName;
    this.#dir = dir;
    this.appservice = appservice;
    this.#process = this.#spawn();
  }

  /** @param ca for it to federate with other servers on this machine; it is called `localhost`, with a port, then */
  static async start(ca?: CertificateAuthority): Promise<SynapseProcess> {
    const dir = mkdtempSync(path.join(tmpdir(), 'roost-synapse-'));
    const port = await freePort();
    const federation = ca && { ca, port: await freePort() };
    const registered = writeAppservice(dir);
    const serverName = federation ? `localhost:${federation.port}` : 'synapse.test';
    writeSynapseSettings({
      dir,
      serverName,
      port,
      appserviceFiles: [registered.file],
      sharedSecret: 'test-shared-secret',
      federation: federation && { port: federation.port, ...writeCertificates(dir, federation.ca) },
    });
    const { status, stderr } = spawnSync(python, [...launch(dir), '--generate-keys'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`Synapse makes no keys: ${stderr}`);
    const synapse = new SynapseProcess(`http://127.0.0.1:${port}`, serverName, dir, registered.appservice);
    await synapse.#ready();
    return synapse;
  }

  /** Starts it again after `stop`. */
  async restart(): Promise<void> {
    this.#process = this.#spawn();
    await this.#ready();
  }

  #spawn(): ChildProcess {
    return spawn(python, launch(this.#dir), { cwd: this.#dir, stdio: ['ignore', 'ignore', 'inherit'] });
  }

  async #ready(): Promise<void> {
    for (let tries = 0; tries < 240; tries++) {
      if (this.#process.exitCode !== null) throw new Error(`Synapse ended with ${this.#process.exitCode}`);
      const answer = await fetch(`${this.url}/health`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error('Synapse does not answer');
  }

  /** Of SQLite. */
  get databaseFile(): string {
    return path.join(this.#dir, 'synapse.db');
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.on('exit', resolve));
    if (this.#process.exitCode === null && this.#process.kill('SIGTERM')) await ended;
  }

  async stopAndRemove(): Promise<void> {
    await this.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function launch(dir: string): string[] {
  return ['-m', 'synapse.app.homeserver', '-c', path.join(dir, 'homeserver.yaml')];
}

/** @returns why Synapse cannot be had on this machine */
export function installSynapse(): string | undefined {
  if (existsSync(python) && synapseVersion() === version) return undefined;
  if (spawnSync('python3', ['--version']).status !== 0) return 'python3 is not installed';
  const steps = [
    ['python3', '-m', 'venv', '--clear', folder],
    [python, '-m', 'pip', 'install', '--quiet', `matrix-synapse[url-preview]==${version}`],
  ] as const;
  for (const [command, ...args] of steps) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) return `Synapse cannot be installed: ${stderr.trim().split('\n').at(-1)}`;
  }
  return undefined;
}

/** @returns the version of an installed Synapse, or undefined */
function synapseVersion(): string | undefined {
  const script = 'from importlib.metadata import version; print(version("matrix-synapse"))';
  const { status, stdout } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
