import type { Snowflake } from '../snowflake.ts';

/** What a message mentions, looked up beforehand so that rendering is pure. */
export interface Names {
  users: Map<Snowflake, { name: string; matrixId: string }>;
  roles: Map<Snowflake, string>;
  channels: Map<Snowflake, { name: string; roomId: string | undefined }>;
  /** For `via` of links to rooms. */
  serverName: string;
}

export function userText(names: Names, id: Snowflake): string {
  return `@${names.users.get(id)?.name ?? 'unknown-user'}`;
}

export function roleText(names: Names, id: Snowflake): string {
  return `@${names.roles.get(id) ?? 'unknown-role'}`;
}

export function channelText(names: Names, id: Snowflake): string {
  return `#${names.channels.get(id)?.name ?? 'unknown-channel'}`;
}

/** Characters that turn the writing direction of what follows, or hide it. */
const treacherous = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A name that somebody chose, on one line and without power over the text around it. */
export function plainName(name: string): string {
  return name.replace(treacherous, ' ').replace(/\s+/g, ' ').trim();
}
