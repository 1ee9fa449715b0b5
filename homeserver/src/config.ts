import * as v from 'valibot';
import { parseRegistration, type Registration } from '../../appservice/registration.ts';
import { parseServerName, type ServerName } from '../../matrix/identifiers.ts';
import type { Env } from './env.ts';
import type { RetentionRules } from './protocol/retention.ts';

/** An OpenID provider, as this server is registered there. */
export interface UpstreamProvider {
  issuer: string;
  clientId: string;
  /** Absent: a public client. */
  clientSecret: string | undefined;
  /** As people know it. */
  name: string;
  /** Hosts of it that are fetched from although they are not public: the owner's own. */
  hosts: string[];
}

/** Settings of the homeserver, read once from the environment and checked. */
export interface Config {
  serverName: ServerName;
  /** Base URL that clients are told, without a final slash. */
  publicBaseUrl: string;
  defaultRoomVersion: string;
  openRegistration: boolean;
  registrationSharedSecret: string | undefined;
  rateLimits: boolean;
  /** Header that tells the caller's address; empty: nothing does that can be believed. */
  clientAddressHeader: string;
  passwordPolicy: boolean;
  /** Clients may ask for the password themselves, by `/login`; off: it is typed on our pages alone. */
  passwordLogin: boolean;
  /** Older clients, which know no OAuth, may send people to our pages (`m.login.sso`). */
  ssoLogin: boolean;
  /** A provider whose accounts let in here, too. */
  upstream: UpstreamProvider | undefined;
  registrations: Registration[];
  /** Application service id → binding name of the Worker that serves it. */
  appserviceServices: Record<string, string>;
  /** Pages that users write of are fetched and described. */
  urlPreviews: boolean;
  /** Hosts that are fetched for that although they are not public: the owner's own. */
  urlPreviewHosts: string[];
  /** Hosts of push gateways that may be private and without TLS. */
  pushGatewayHosts: string[];
  /** Host names of identity servers that invitations to addresses may go through. */
  identityServers: string[];
  /** What one user may upload, altogether; `Infinity` if there is no limit. */
  mediaQuotaBytes: number;
  /** What is kept of other servers' media; `Infinity` if there is no limit. */
  remoteMediaBytes: number;
  /** Servers that relay calls, and the secret that credentials for them are made with. */
  turn: { uris: string[]; secret: string } | undefined;
  /** Transports for calls of several (MSC4143), as clients are told of them. */
  rtcTransports: Record<string, unknown>[];
  /** Whom people and other servers turn to, as `/.well-known/matrix/support` says it. */
  support: Record<string, unknown> | undefined;
  /** Off unless the owner wants it: whether people see who is online. */
  presence: boolean;
  /** Off unless the owner wants it: rooms then may ask for their messages to be purged. */
  retention: RetentionRules | undefined;
  /** Of other servers' keys, asked where those do not answer; may be none. */
  keyNotaries: ServerName[];
  /** Where SRV records are looked up; empty: nowhere. */
  dnsOverHttpsUrl: string;
  /** For tests: servers that fail are tried again after a second. */
  shortBackoff: boolean;
  meter: boolean;
  /** `ed25519:<id>` and the 32-byte seed. */
  signingKey: { keyId: string; seed: Uint8Array };
  /** Keys that this server signed by before; `expiredMs`: when each was given up. */
  oldSigningKeys: { keyId: string; publicKey: Uint8Array; expiredMs: number }[];
  adminToken: string;
  /** Key of what the server signs for itself alone: access tokens, sessions of interactive authentication. */
  macKey: string;
}

const nonEmpty = v.pipe(v.string(), v.minLength(1));

const daysField = v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number));

/** Client-server API, "Server Discovery": a document with either member. */
const supportField = v.object({
  contacts: v.optional(
    v.array(
      v.object({
        matrix_id: v.optional(v.pipe(v.string(), v.startsWith('@'))),
        email_address: v.optional(v.pipe(v.string(), v.email())),
        role: nonEmpty,
      }),
    ),
  ),
  support_page: v.optional(v.pipe(v.string(), v.url())),
});

const isServerName = (name: string) => parseServerName(name) !== undefined;

const envSchema = v.object({
  SERVER_NAME: v.pipe(nonEmpty, v.check(isServerName, 'not a server name')),
  PUBLIC_BASE_URL: v.pipe(v.string(), v.url()),
  DEFAULT_ROOM_VERSION: nonEmpty,
  OPEN_REGISTRATION: v.picklist(['0', '1']),
  REGISTRATION_SHARED_SECRET: v.optional(v.string()),
  RATE_LIMITS: v.picklist(['on', 'off']),
  CLIENT_ADDRESS_HEADER: v.optional(v.string(), ''),
  PASSWORD_POLICY: v.picklist(['on', 'off']),
  PASSWORD_LOGIN: v.optional(v.picklist(['on', 'off']), 'on'),
  SSO_LOGIN: v.optional(v.picklist(['on', 'off']), 'on'),
  UPSTREAM_ISSUER: v.optional(v.union([v.literal(''), v.pipe(v.string(), v.url())]), ''),
  UPSTREAM_CLIENT_ID: v.optional(v.string(), ''),
  UPSTREAM_CLIENT_SECRET: v.optional(v.string()),
  UPSTREAM_NAME: v.optional(v.string(), ''),
  UPSTREAM_HOSTS: v.optional(v.pipe(v.string(), v.parseJson(), v.array(nonEmpty)), '[]'),
  APPSERVICE_SERVICES: v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string())),
  APPSERVICE_REGISTRATIONS: v.pipe(v.string(), v.parseJson(), v.array(v.record(v.string(), v.unknown()))),
  URL_PREVIEWS: v.optional(v.picklist(['on', 'off']), 'off'),
  PUSH_GATEWAY_HOSTS: v.optional(v.pipe(v.string(), v.parseJson(), v.array(v.string())), '[]'),
  URL_PREVIEW_HOSTS: v.optional(v.pipe(v.string(), v.parseJson(), v.array(v.string())), '[]'),
  IDENTITY_SERVERS: v.optional(v.pipe(v.string(), v.parseJson(), v.array(nonEmpty)), '[]'),
  /** 0: no limit. */
  MEDIA_QUOTA_MB: v.optional(v.pipe(v.string(), v.regex(/^\d{1,9}$/), v.transform(Number)), '0'),
  /** 0: no limit. */
  REMOTE_MEDIA_MB: v.optional(v.pipe(v.string(), v.regex(/^\d{1,9}$/), v.transform(Number)), '2048'),
  TURN_URIS: v.optional(
    v.pipe(v.string(), v.parseJson(), v.array(v.pipe(v.string(), v.regex(/^turns?:\S+$/)))),
    '[]',
  ),
  TURN_SECRET: v.optional(v.string()),
  RTC_TRANSPORTS: v.optional(
    v.pipe(v.string(), v.parseJson(), v.array(v.looseObject({ type: nonEmpty }))),
    '[]',
  ),
  /** JSON object; empty: there is none. */
  SUPPORT: v.optional(v.pipe(v.string(), v.parseJson(), supportField), '{}'),
  PRESENCE: v.optional(v.picklist(['on', 'off']), 'off'),
  RETENTION: v.optional(v.picklist(['on', 'off']), 'off'),
  /** 0: none. */
  RETENTION_DEFAULT_DAYS: v.optional(daysField, '0'),
  RETENTION_MAX_DAYS: v.optional(daysField, '0'),
  KEY_NOTARIES: v.optional(
    v.pipe(v.string(), v.parseJson(), v.array(v.pipe(v.string(), v.check(isServerName)))),
    '[]',
  ),
  DNS_OVER_HTTPS_URL: v.optional(v.union([v.literal(''), v.pipe(v.string(), v.url())]), ''),
  SHORT_BACKOFF: v.optional(v.picklist(['0', '1']), '0'),
  LOG_METER: v.optional(v.string(), '0'),
  /** Synapse's key file format: `ed25519 <key id> <unpadded base64 seed>`. */
  SIGNING_KEY: v.pipe(
    v.string(),
    v.regex(/^ed25519 [A-Za-z0-9_]+ [A-Za-z0-9+/]{43}=?$/, 'expected "ed25519 <id> <base64 seed>"'),
  ),
  /** Key id → unpadded base64 of the public key, and since when it is not used any more (epoch ms). */
  OLD_SIGNING_KEYS: v.optional(
    v.pipe(
      v.string(),
      v.parseJson(),
      v.record(
        v.pipe(v.string(), v.regex(/^ed25519:[A-Za-z0-9_]+$/)),
        v.object({ key: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}$/)), expired_ts: v.number() }),
      ),
    ),
    '{}',
  ),
  ADMIN_TOKEN: v.pipe(v.string(), v.minLength(32)),
  ENCRYPTION_KEY: v.pipe(v.string(), v.minLength(32)),
});

const known = new WeakMap<Env, Config>();

/**
 * @throws Error that lists every missing or wrong setting. Values are never quoted: some are secret.
 * @note Memoised by environment, which never changes in the life of an isolate.
 */
export function readConfig(env: Env): Config {
  const cached = known.get(env);
  if (cached) return cached;
  const result = v.safeParse(envSchema, env);
  if (!result.success) {
    const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? '?'} (${issue.type})`);
    throw new Error(`wrong settings: ${problems.join(', ')}`);
  }
  const values = result.output;
  const [, keyName = '', seed = ''] = values.SIGNING_KEY.split(' ');
  const config: Config = {
    serverName: values.SERVER_NAME as ServerName,
    publicBaseUrl: values.PUBLIC_BASE_URL.replace(/\/+$/, ''),
    defaultRoomVersion: values.DEFAULT_ROOM_VERSION,
    openRegistration: values.OPEN_REGISTRATION === '1',
    registrationSharedSecret: values.REGISTRATION_SHARED_SECRET || undefined,
    rateLimits: values.RATE_LIMITS === 'on',
    clientAddressHeader: values.CLIENT_ADDRESS_HEADER,
    passwordPolicy: values.PASSWORD_POLICY === 'on',
    passwordLogin: values.PASSWORD_LOGIN === 'on',
    ssoLogin: values.SSO_LOGIN === 'on',
    upstream:
      values.UPSTREAM_ISSUER !== '' && values.UPSTREAM_CLIENT_ID !== ''
        ? {
            issuer: values.UPSTREAM_ISSUER,
            clientId: values.UPSTREAM_CLIENT_ID,
            clientSecret: values.UPSTREAM_CLIENT_SECRET || undefined,
            name: values.UPSTREAM_NAME || new URL(values.UPSTREAM_ISSUER).hostname,
            hosts: values.UPSTREAM_HOSTS,
          }
        : undefined,
    registrations: values.APPSERVICE_REGISTRATIONS.map(parseRegistration),
    appserviceServices: values.APPSERVICE_SERVICES,
    urlPreviews: values.URL_PREVIEWS === 'on',
    urlPreviewHosts: values.URL_PREVIEW_HOSTS,
    pushGatewayHosts: values.PUSH_GATEWAY_HOSTS,
    identityServers: values.IDENTITY_SERVERS,
    remoteMediaBytes: values.REMOTE_MEDIA_MB * 1024 * 1024 || Number.POSITIVE_INFINITY,
    mediaQuotaBytes: values.MEDIA_QUOTA_MB * 1024 * 1024 || Number.POSITIVE_INFINITY,
    turn:
      values.TURN_SECRET && values.TURN_URIS.length > 0
        ? { uris: values.TURN_URIS, secret: values.TURN_SECRET }
        : undefined,
    rtcTransports: values.RTC_TRANSPORTS,
    support: Object.keys(values.SUPPORT).length > 0 ? values.SUPPORT : undefined,
    presence: values.PRESENCE === 'on',
    retention:
      values.RETENTION === 'on'
        ? {
            defaultMs: daysInMs(values.RETENTION_DEFAULT_DAYS),
            maximumMs: daysInMs(values.RETENTION_MAX_DAYS),
          }
        : undefined,
    keyNotaries: values.KEY_NOTARIES as ServerName[],
    dnsOverHttpsUrl: values.DNS_OVER_HTTPS_URL,
    shortBackoff: values.SHORT_BACKOFF === '1',
    meter: values.LOG_METER === '1',
    signingKey: { keyId: `ed25519:${keyName}`, seed: new Uint8Array(Buffer.from(seed, 'base64')) },
    oldSigningKeys: Object.entries(values.OLD_SIGNING_KEYS).map(
      ([keyId, { key, expired_ts: expiredMs }]) => ({
        keyId,
        publicKey: new Uint8Array(Buffer.from(key, 'base64')),
        expiredMs,
      }),
    ),
    adminToken: values.ADMIN_TOKEN,
    macKey: values.ENCRYPTION_KEY,
  };
  known.set(env, config);
  return config;
}

function daysInMs(days: number): number | undefined {
  return days === 0 ? undefined : days * 24 * 60 * 60 * 1000;
}
