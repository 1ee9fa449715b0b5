import * as v from 'valibot';
import type { Login } from '../../core/logins.ts';
import { snowflakeSchema } from '../rest/answers.ts';
import type { Snowflake } from '../snowflake.ts';

/** What a login keeps: the token sealed, the rest as metadata. */
export interface DiscordCredentials {
  botToken: string;
  applicationId: Snowflake;
  /** Ed25519, 64 hexadecimal digits: checks what Discord sends over HTTP. */
  publicKey: string;
  botUserId: Snowflake;
}

export const botTokenPattern = '[A-Za-z0-9_.-]{50,200}';
export const snowflakeText = '[1-9][0-9]{16,19}';
export const publicKeyPattern = '[0-9A-Fa-f]{64}';

const credentialsSchema = v.object({ botToken: v.string() });
const metadataSchema = v.object({
  applicationId: snowflakeSchema,
  publicKey: v.string(),
  botUserId: snowflakeSchema,
});

/** @throws if the row is not one of ours */
export function readCredentials(login: Login): DiscordCredentials {
  return { ...v.parse(credentialsSchema, login.credentials), ...v.parse(metadataSchema, login.metadata) };
}
