import { writeFileSync } from 'node:fs';
import path from 'node:path';

export interface SynapseSettings {
  /** Where everything lies. */
  dir: string;
  serverName: string;
  /** Of all APIs without TLS. */
  port: number;
  appserviceFiles: string[];
  sharedSecret: string;
  defaultRoomVersion?: string | undefined;
  /** For other servers on this machine. The others are files. */
  federation?: { port: number; cert: string; key: string; ca: string } | undefined;
}

/** All of Synapse's limits of rates, as if there were none. */
const unlimited = { per_second: 10_000, burst_count: 10_000 };

function listener(port: number, tls: boolean): object {
  const names = ['client', 'federation', 'media'];
  return { port, type: 'http', tls, bind_addresses: ['127.0.0.1'], resources: [{ names, compress: false }] };
}

function federationSettings({ cert, key, ca }: { cert: string; key: string; ca: string }): object {
  const retries = {
    destination_min_retry_interval: '1s',
    destination_max_retry_interval: '2s',
    max_long_retry_delay: '1s',
    max_long_retries: 2,
  };
  return {
    tls_certificate_path: cert,
    tls_private_key_path: key,
    federation_custom_ca_list: [ca],
    ip_range_blacklist: [],
    federation: retries,
    allow_device_name_lookup_over_federation: true,
    rc_federation: { sleep_limit: 100_000, sleep_delay: 0, reject_limit: 100_000, concurrent: 1000 },
  };
}

function configuration(settings: SynapseSettings): object {
  const { dir, serverName, port, appserviceFiles, sharedSecret, defaultRoomVersion, federation } = settings;
  return {
    server_name: serverName,
    pid_file: path.join(dir, 'pid'),
    signing_key_path: path.join(dir, 'signing.key'),
    media_store_path: path.join(dir, 'media'),
    log_config: path.join(dir, 'log.yaml'),
    listeners: [listener(port, false), ...(federation ? [listener(federation.port, true)] : [])],
    database: { name: 'sqlite3', args: { database: path.join(dir, 'synapse.db') } },
    app_service_config_files: appserviceFiles,
    trusted_key_servers: [],
    report_stats: false,
    enable_registration: true,
    enable_registration_without_verification: true,
    registration_shared_secret: sharedSecret,
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
    ...(defaultRoomVersion && { default_room_version: defaultRoomVersion }),
    ...(federation && federationSettings(federation)),
  };
}

const logging = {
  version: 1,
  disable_existing_loggers: false,
  handlers: { console: { class: 'logging.StreamHandler' } },
  root: { level: 'ERROR', handlers: ['console'] },
};

/** Writes what Synapse reads at its start. @returns the file that names the others */
export function writeSynapseSettings(settings: SynapseSettings): string {
  const file = path.join(settings.dir, 'homeserver.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration(settings)));
  writeFileSync(path.join(settings.dir, 'log.yaml'), JSON.stringify(logging));
  return file;
}
