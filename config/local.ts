import path from 'node:path';
import { discordBridge, homeserver, slackBridge } from './workers.ts';

/** The folder of the project, wherever a script is called from. */
export const projectDir = path.resolve(import.meta.dirname, '..');

/** What a local run of the Workers is told: identity, addresses, application services. */
export interface LocalSettings {
  serverName: string;
  publicBaseUrl: string;
  /** The homeserver that bridges are told, if it is another than ours. */
  homeserverUrl?: string;
  signingKey: string;
  /** By key id, the public keys that it signed by before. */
  oldSigningKeys: Record<string, { key: string; expired_ts: number }>;
  encryptionKey: string;
  adminToken: string;
  provisioningToken: string;
  /** Registrations as their YAML files hold them. */
  registrations: Record<string, unknown>[];
  /** Further settings of the homeserver, by their names in `config/workers.ts`. */
  homeserver?: Record<string, string>;
  slackApiUrl?: string | undefined;
  discordApiUrl?: string | undefined;
  discordCdnUrl?: string | undefined;
  meter: boolean;
}

/** Settings and secrets of each Worker, by Worker name. */
export function localVars(settings: LocalSettings): Record<string, Record<string, string>> {
  const meter = settings.meter ? '1' : '0';
  const registration = (id: string) => settings.registrations.find((entry) => entry.id === id);
  const bridge = (id: string) => ({
    PUBLIC_BASE_URL: settings.publicBaseUrl,
    HOMESERVER_NAME: settings.serverName,
    HOMESERVER_URL: settings.homeserverUrl ?? settings.publicBaseUrl,
    ENCRYPTION_KEY: settings.encryptionKey,
    PROVISIONING_TOKEN: settings.provisioningToken,
    APPSERVICE_REGISTRATION: JSON.stringify(registration(id) ?? {}),
    DOUBLE_PUPPET_TOKEN: String(registration('doublepuppet')?.as_token ?? ''),
    LOG_METER: meter,
  });
  return {
    [homeserver.name]: {
      SERVER_NAME: settings.serverName,
      PUBLIC_BASE_URL: settings.publicBaseUrl,
      SIGNING_KEY: settings.signingKey,
      OLD_SIGNING_KEYS: JSON.stringify(settings.oldSigningKeys),
      ENCRYPTION_KEY: settings.encryptionKey,
      ADMIN_TOKEN: settings.adminToken,
      APPSERVICE_REGISTRATIONS: JSON.stringify(settings.registrations),
      /** Nothing outside can reach a local run's peers but through this machine. */
      OUTBOUND_LOOPBACK: '1',
      /** Callers come directly. */
      CLIENT_ADDRESS_HEADER: '',
      LOG_METER: meter,
      ...settings.homeserver,
    },
    [slackBridge.name]: {
      ...bridge('slack'),
      ...(settings.slackApiUrl && { SLACK_API_URL: settings.slackApiUrl }),
    },
    [discordBridge.name]: {
      ...bridge('discord'),
      ...(settings.discordApiUrl && { DISCORD_API_URL: settings.discordApiUrl }),
      ...(settings.discordCdnUrl && { DISCORD_CDN_URL: settings.discordCdnUrl }),
    },
  };
}

/** Settings of the homeserver that an owner may give by the environment, named as in `config/workers.ts`. */
export function ownersChoices(): Record<string, string> {
  const names = [
    'CLIENT_ADDRESS_HEADER',
    'PASSWORD_LOGIN',
    'SSO_LOGIN',
    'UPSTREAM_ISSUER',
    'UPSTREAM_CLIENT_ID',
    'UPSTREAM_CLIENT_SECRET',
    'UPSTREAM_NAME',
    'UPSTREAM_HOSTS',
    'URL_PREVIEWS',
    'URL_PREVIEW_HOSTS',
    'PUSH_GATEWAY_HOSTS',
    'IDENTITY_SERVERS',
    'MEDIA_QUOTA_MB',
    'REMOTE_MEDIA_MB',
    'PRESENCE',
    'KEY_NOTARIES',
    'DNS_OVER_HTTPS_URL',
    'RETENTION',
    'RETENTION_DEFAULT_DAYS',
    'RETENTION_MAX_DAYS',
    'TURN_URIS',
    'TURN_SECRET',
    'RTC_TRANSPORTS',
    'SUPPORT',
  ];
  const chosen: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value) chosen[name] = value;
  }
  return chosen;
}

/** Reads the environment variables `names`; empty ones count as absent. */
export function readEnvironment<Name extends string>(names: readonly Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value) found[name] = value;
  }
  return found;
}
