import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestAppservice, writeAppservice } from '../../test/conformance/lib/appservice.ts';
import { freePort } from '../../test/harness/roost.ts';

/** All of Synapse's limits of rates, as if there were none. */
const unlimited = { per_second: 10_000, burst_count: 10_000 };

function configuration(dir: string, port: number, appserviceFile: string): object {
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
  readonly appservice: TestAppservice;
  readonly #dir: string;
  readonly #process: ChildProcess;

  private constructor(url: string, dir: string, child: ChildProcess, appservice: TestAppservice) {
    this.url = url;
    this.#dir = dir;
    this.#process = child;
    this.appservice = appservice;
  }

  /** @param python of the virtualenv that has Synapse */
  static async start(python: string): Promise<SynapseProcess> {
    const dir = mkdtempSync(path.join(tmpdir(), 'roost-synapse-'));
    const port = await freePort();
    // JSON is YAML.
    const file = path.join(dir, 'homeserver.yaml');
    const registered = writeAppservice(dir);
    writeFileSync(file, JSON.stringify(configuration(dir, port, registered.file)));
    writeFileSync(path.join(dir, 'log.yaml'), JSON.stringify(logging));
    const args = ['-m', 'synapse.app.homeserver', '-c', file];
    const { status, stderr } = spawnSync(python, [...args, '--generate-keys'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`Synapse makes no keys: ${stderr}`);
    const child = spawn(python, args, { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] });
    const synapse = new SynapseProcess(`http://127.0.0.1:${port}`, dir, child, registered.appservice);
    await synapse.#ready();
    return synapse;
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

  async stopAndRemove(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.on('exit', resolve));
    if (this.#process.exitCode === null && this.#process.kill('SIGTERM')) await ended;
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** @returns the version of an installed Synapse, or undefined */
export function synapseVersion(python: string): string | undefined {
  const script = 'from importlib.metadata import version; print(version("matrix-synapse"))';
  const { status, stdout } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
