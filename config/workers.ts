/**
 * The three Workers: entry, bindings, objects, crons. The one description from which the wrangler files
 * are generated (`npm run generate`) and the local runtime is started (`scripts/lib/runtime.ts`).
 */
export interface WorkerDescription {
  name: string;
  entry: string;
  /** Where its wrangler file is written. */
  wranglerFile: string;
  /** Binding name → class exported by the entry; all use SQLite storage. */
  objects: Record<string, string>;
  /** Binding name → database name. */
  databases: Record<string, { name: string; migrations: string }>;
  /** Binding names of KV namespaces. */
  caches: string[];
  /** Binding name → bucket name. */
  buckets: Record<string, string>;
  /** Binding name of Cloudflare Images; the local runtime has its like. */
  images?: string;
  /** Binding name → Worker name. */
  services: Record<string, string>;
  crons: string[];
  /** Plain settings with their defaults; an empty string means "must be set by set-up". */
  vars: Record<string, string>;
  /** Names of secrets that must be set before a deployment. */
  secrets: string[];
}

export const compatibilityDate = '2026-11-02';

export const homeserver: WorkerDescription = {
  name: 'roost-homeserver',
  entry: 'homeserver/src/worker.ts',
  wranglerFile: 'wrangler.toml',
  objects: {
    ROOMS: 'RoomObject',
    USERS: 'UserSyncObject',
    USER_KEYS: 'UserKeysObject',
    APPSERVICES: 'AppserviceObject',
    DESTINATIONS: 'DestinationObject',
  },
  databases: { DB: { name: 'roost-homeserver', migrations: 'migrations/d1/homeserver' } },
  caches: ['CACHE'],
  buckets: { MEDIA: 'roost-media' },
  images: 'IMAGES',
  services: { SLACK_BRIDGE: 'roost-slack', DISCORD_BRIDGE: 'roost-discord' },
  crons: [],
  vars: {
    SERVER_NAME: '',
    PUBLIC_BASE_URL: '',
    DEFAULT_ROOM_VERSION: '12',
    OPEN_REGISTRATION: '0',
    RATE_LIMITS: 'on',
    /** Set by whoever stands before the Worker, and by nobody else: else callers would choose their addresses. */
    CLIENT_ADDRESS_HEADER: 'cf-connecting-ip',
    PASSWORD_POLICY: 'on',
    /** Off: clients are not told passwords; people log in on the pages. */
    PASSWORD_LOGIN: 'on',
    /** Off: clients without OAuth cannot send people to the pages. */
    SSO_LOGIN: 'on',
    /** An OpenID provider that people may log in by; its secret is `UPSTREAM_CLIENT_SECRET`. */
    UPSTREAM_ISSUER: '',
    UPSTREAM_CLIENT_ID: '',
    UPSTREAM_NAME: '',
    /** Application service id → binding of the Worker that serves it, to save the way over the internet. */
    APPSERVICE_SERVICES: '{"slack":"SLACK_BRIDGE","discord":"DISCORD_BRIDGE"}',
    URL_PREVIEWS: 'off',
    PRESENCE: 'off',
    /** JSON array: asked for keys of servers that do not answer. */
    KEY_NOTARIES: '["matrix.org"]',
    /** Where SRV records of other servers are looked up; empty: nowhere. */
    DNS_OVER_HTTPS_URL: 'https://cloudflare-dns.com/dns-query',
    /** JSON object of keys that this server signed by before. */
    OLD_SIGNING_KEYS: '{}',
    /** For each user, in MiB; 0: no limit. */
    MEDIA_QUOTA_MB: '0',
    /** Of other servers' media, in MiB, what is kept; 0: no limit. */
    REMOTE_MEDIA_MB: '2048',
    /** JSON arrays. The secret of the TURN servers is `TURN_SECRET`. */
    TURN_URIS: '[]',
    RTC_TRANSPORTS: '[]',
    /** JSON object, what `/.well-known/matrix/support` says: `contacts`, `support_page`; empty: nothing. */
    SUPPORT: '{}',
    LOG_METER: '0',
  },
  secrets: ['SIGNING_KEY', 'ENCRYPTION_KEY', 'ADMIN_TOKEN', 'APPSERVICE_REGISTRATIONS'],
};

const bridgeDatabase = { DB: { name: 'roost-bridges', migrations: 'migrations/d1/bridges' } };
const bridgeVars = { PUBLIC_BASE_URL: '', HOMESERVER_NAME: '', HOMESERVER_URL: '', LOG_METER: '0' };
const bridgeSecrets = [
  'ENCRYPTION_KEY',
  'APPSERVICE_REGISTRATION',
  /** Token of `config/appservices/doublepuppet.yaml`; empty: people's own posts come from their ghosts. */
  'DOUBLE_PUPPET_TOKEN',
  'PROVISIONING_TOKEN',
];

export const slackBridge: WorkerDescription = {
  name: 'roost-slack',
  entry: 'bridges/slack/worker.ts',
  wranglerFile: 'bridges/slack/wrangler.toml',
  objects: { TEAMS: 'SlackTeamObject', PORTALS: 'PortalObject' },
  databases: bridgeDatabase,
  caches: [],
  buckets: {},
  services: { HOMESERVER: 'roost-homeserver' },
  crons: ['*/5 * * * *'],
  vars: { ...bridgeVars, SLACK_API_URL: 'https://slack.com/api/' },
  secrets: bridgeSecrets,
};

export const discordBridge: WorkerDescription = {
  name: 'roost-discord',
  entry: 'bridges/discord/worker.ts',
  wranglerFile: 'bridges/discord/wrangler.toml',
  objects: { GATEWAYS: 'DiscordGatewayObject', PORTALS: 'PortalObject' },
  databases: bridgeDatabase,
  caches: [],
  buckets: {},
  services: { HOMESERVER: 'roost-homeserver' },
  crons: ['* * * * *'],
  vars: {
    ...bridgeVars,
    DISCORD_API_URL: 'https://discord.com/api/v10',
    DISCORD_CDN_URL: 'https://cdn.discordapp.com',
  },
  secrets: bridgeSecrets,
};

export const workers = [homeserver, slackBridge, discordBridge] as const;
