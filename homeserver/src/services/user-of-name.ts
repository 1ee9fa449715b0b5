import { makeUserId, parseUserId, serverNameOf, type UserId } from '../../../matrix/identifiers.ts';
import type { Config } from '../config.ts';

/**
 * Whom somebody who logs in means: a full user id or a name alone; capital letters are lowered, as phone keyboards
 * like to set one.
 */
export function userOfName(name: string, config: Config): UserId | undefined {
  if (!name.startsWith('@')) return makeUserId(name.toLowerCase(), config.serverName);
  const userId = parseUserId(name.toLowerCase());
  return userId && serverNameOf(userId) === config.serverName ? userId : undefined;
}
