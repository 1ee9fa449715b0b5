import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectDir } from '../../config/local.ts';
import { type TestAppservice, writeAppservice } from '../../test/conformance/lib/appservice.ts';
import type { CertificateAuthority } from '../../test/harness/federation/certificates.ts';
import { freePort } from '../../test/harness/roost.ts';

const version = '1.163.2';
const folder = path.join(projectDir, '.cache/synapse');
const python = path.join(folder, 'bin/python');

/** All of Synapse's limits of rates, as if there were none. */
const unlimited = { per_second: 10_000, burst_count: 10_000 };

interface Federation {
  port: number;
  ca: CertificateAuthority;
}

/** A listener with TLS for other servers on this machine. */
function federationSettings(dir: string, { port, ca }: Federation): { settings: object; listener: object } {
  const write = (name: string, text: string) => {
    const file = path.join(dir, name);
    writeFileSync(file, text);
    return file;
  };
  const { cert, key } = ca.issue('localhost');
  return {
    settings: {
      server_name: `localhost:${port}`,
      tls_certificate_path: write('cert.pem', cert),
      tls_private_key_path: write('key.pem', key),
      federation_custom_ca_list: [write('ca.pem', ca.cert)],
      ip_range_blacklist: [],
      federation: { destination_min_retry_interval: '1s', destination_max_retry_interval: '2s' },
    },
    listener: {
      port,
      type: 'http',
      tls: true,
      bind_addresses: ['127.0.0.1'],
      resources: [{ names: ['federation'], compress: false }],
    },
  };
}

function configuration(dir: string, port: number, appserviceFile: string, federation?: Federation): object {
  const other = federation && federationSettings(dir, federation);
  return {
    server_name: 'synapse.test',
    pid_file: path.join(dir, 'pid'),
    signing_key_path: path.join(dir, 'signing.key'),
    media_store_path: path.join(dir, 'media'),
    log_config: path.join(dir, 'log.yaml'),
    listeners: [
      {
        port,
        type: 'http',
        bind_addresses: ['127.0.0.1'],
        resources: [{ names: ['client', 'federation', 'media'], compress: false }],
      },
      ...(other ? [other.listener] : []),
    ],
    database: { name: 'sqlite3', args: { database: path.join(dir, 'synapse.db') } },
    app_service_config_files: [appserviceFile],
    trusted_key_servers: [],
    report_stats: false,
    enable_registration: true,
    enable_registration_without_verification: true,
    registration_shared_secret: 'test-shared-secret',
    macaroon_secret_key: 'test-macaroon-secret',
    form_secret: 'test-form-secret',
    bcrypt_rounds: 4,
    ui_auth: { session_timeout: 0 },
    room_list_publication_rules: [{ action: 'allow' }],
    rc_message: unlimited,
    rc_registration: unlimited,
    rc_registration_token_validity: unlimited,
    rc_login: { address: unlimited, account: unlimited, failed_attempts: unlimited },
    rc_admin_redaction: unlimited,
    rc_joins: { local: unlimited, remote: unlimited },
    rc_joins_per_room: unlimited,
    rc_3pid_validation: unlimited,
    rc_invites: { per_room: unlimited, per_user: unlimited, per_issuer: unlimited },
    rc_third_party_invite: unlimited,
    rc_media_create: unlimited,
    rc_presence: { per_user: unlimited },
    rc_delayed_event_mgmt: unlimited,
    rc_reports: unlimited,
    rc_room_creation: unlimited,
    rc_user_directory: unlimited,
    caches: { sync_response_cache_duration: 0 },
    max_event_delay_duration: '1d',
    server_notices: {
      system_mxid_localpart: '_server',
      system_mxid_display_name: 'Server',
      room_name: 'Alerts',
    },
    url_preview_enabled: true,
    url_preview_ip_range_blacklist: ['255.255.255.255/32'],
    experimental_features: {
      msc3391_enabled: true,
      msc3381_polls_enabled: true,
      msc3874_enabled: true,
      msc3890_enabled: true,
      msc4155_enabled: true,
      msc4210_enabled: true,
      msc4222_enabled: true,
      msc4306_enabled: true,
      msc3881_enabled: true,
      msc4133_enabled: true,
    },
    ...other?.settings,
  };
}

const logging = {
  version: 1,
  disable_existing_loggers: false,
  handlers: { console: { class: 'logging.StreamHandler' } },
  root: { level: 'ERROR', handlers: ['console'] },
};

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
    // JSON is YAML.
    const settings = configuration(dir, port, registered.file, federation);
    writeFileSync(path.join(dir, 'homeserver.yaml'), JSON.stringify(settings));
    writeFileSync(path.join(dir, 'log.yaml'), JSON.stringify(logging));
    const { status, stderr } = spawnSync(python, [...launch(dir), '--generate-keys'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`Synapse makes no keys: ${stderr}`);
    const serverName = federation ? `localhost:${federation.port}` : 'synapse.test';
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
