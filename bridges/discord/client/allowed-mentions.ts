import type { APIAllowedMentions } from 'discord-api-types/v10';
import type { Snowflake } from '../snowflake.ts';

/** Nobody is pinged but these: neither `@everyone` nor a role, however they came into the text. */
export function allowedMentions(users: readonly Snowflake[]): APIAllowedMentions {
  return { parse: [], users: users.slice(0, 100), replied_user: false };
}
