import * as v from 'valibot';
import { AppserviceClient } from '../../appservice/client.ts';
import { parseRegistration, type Registration } from '../../appservice/registration.ts';
import { parseServerName, type ServerName } from '../../matrix/identifiers.ts';
import { SecretBox } from '../../platform/secret-box.ts';
import type { BridgeEnv } from './bridge-env.ts';

/** Settings and secrets of a bridge, read once from the environment and checked. */
export interface BridgeConfig {
  homeserverName: ServerName;
  /** Where the homeserver, and under `/_bridge/<id>/` this Worker, is reached; without a final slash. */
  publicBaseUrl: string;
  registration: Registration;
  /** Client of the homeserver, as the bridge's bot. */
  matrix: AppserviceClient;
  /** The same homeserver, for `.asUser` of people who are logged in here (double puppeting), if allowed. */
  doublePuppet: AppserviceClient | undefined;
  botUserId: string;
  secrets: SecretBox;
  provisioningToken: string;
  meter: boolean;
}

const envSchema = v.object({
  HOMESERVER_NAME: v.pipe(
    v.string(),
    v.check((name) => parseServerName(name) !== undefined, 'not a server name'),
  ),
  HOMESERVER_URL: v.pipe(v.string(), v.url()),
  PUBLIC_BASE_URL: v.pipe(v.string(), v.url()),
  ENCRYPTION_KEY: v.pipe(v.string(), v.minLength(43)),
  APPSERVICE_REGISTRATION: v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown())),
  DOUBLE_PUPPET_TOKEN: v.optional(v.string()),
  PROVISIONING_TOKEN: v.pipe(v.string(), v.minLength(32)),
  LOG_METER: v.optional(v.string(), '0'),
});

const known = new WeakMap<BridgeEnv, BridgeConfig>();

/**
 * @throws Error that lists every missing or wrong setting. Values are never quoted: some are secret.
 * @note Memoised by environment, which never changes in the life of an isolate.
 */
export function readBridgeConfig(env: BridgeEnv): BridgeConfig {
  const cached = known.get(env);
  if (cached) return cached;
  const result = v.safeParse(envSchema, env);
  if (!result.success) {
    const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? '?'} (${issue.type})`);
    throw new Error(`wrong settings: ${problems.join(', ')}`);
  }
  const values = result.output;
  const registration = parseRegistration(values.APPSERVICE_REGISTRATION);
  const client = (asToken: string) =>
    new AppserviceClient({
      homeserverUrl: values.HOMESERVER_URL,
      asToken,
      fetch: (url, init) => (env.HOMESERVER ? env.HOMESERVER.fetch(url, init) : fetch(url, init)),
    });
  const config: BridgeConfig = {
    homeserverName: values.HOMESERVER_NAME as ServerName,
    publicBaseUrl: values.PUBLIC_BASE_URL.replace(/\/+$/, ''),
    registration,
    matrix: client(registration.asToken),
    doublePuppet: values.DOUBLE_PUPPET_TOKEN ? client(values.DOUBLE_PUPPET_TOKEN) : undefined,
    botUserId: `@${registration.senderLocalpart}:${values.HOMESERVER_NAME}`,
    secrets: new SecretBox(values.ENCRYPTION_KEY),
    provisioningToken: values.PROVISIONING_TOKEN,
    meter: values.LOG_METER === '1',
  };
  known.set(env, config);
  return config;
}
