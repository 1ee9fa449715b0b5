import path from 'node:path';
import * as v from 'valibot';
import { readEnvironment } from './local.ts';

const flag = v.optional(v.picklist(['0', '1']));
const onOff = v.optional(v.picklist(['on', 'off']), 'off');
const port = v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number));

const schema = v.object({
  HS_SERVER_NAME: v.pipe(v.string(), v.minLength(1)),
  HS_BIND_ADDR: v.optional(v.string(), '127.0.0.1'),
  HS_CLIENT_PORT: port,
  HS_CLIENT_URL: v.optional(v.pipe(v.string(), v.url())),
  HS_DATA_DIR: v.pipe(
    v.string(),
    v.transform((dir) => path.resolve(dir)),
  ),
  HS_APPSERVICE_DIR: v.optional(v.string()),
  HS_REGISTRATION_SHARED_SECRET: v.optional(v.string()),
  HS_OPEN_REGISTRATION: v.optional(v.picklist(['0', '1']), '1'),
  HS_RATE_LIMITS: onOff,
  HS_PASSWORD_POLICY: onOff,
  HS_CHEAP_PASSWORDS: v.optional(v.picklist(['0', '1']), '1'),
  HS_DEFAULT_ROOM_VERSION: v.optional(v.string()),
  HS_BRIDGES: flag,
  /** Writes billable operations to the log. */
  HS_METER: flag,
  HS_FED_PORT: v.optional(port),
  HS_TLS_CERT: v.optional(v.string()),
  HS_TLS_KEY: v.optional(v.string()),
  HS_HOSTS_JSON: v.optional(v.string()),
  /** The launcher's shell script hands it to the runtime. */
  HS_CA_CERT: v.optional(v.string()),
  SLACK_API_URL: v.optional(v.string()),
  DISCORD_API_URL: v.optional(v.string()),
  DISCORD_CDN_URL: v.optional(v.string()),
});

export type LauncherSettings = v.InferOutput<typeof schema>;

/** @throws Error that lists all that is missing or wrong */
export function readLauncherSettings(): LauncherSettings {
  const names = Object.keys(schema.entries) as (keyof typeof schema.entries)[];
  const result = v.safeParse(schema, readEnvironment(names));
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? '?'}: ${issue.message}`);
  throw new Error(`wrong environment:\n  ${problems.join('\n  ')}`);
}
