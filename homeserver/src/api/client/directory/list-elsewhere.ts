import { invalidParam, MatrixError } from '../../../../../matrix/errors.ts';
import { parseServerName } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { Env } from '../../../env.ts';
import { askPublicRooms } from '../../../federation/outbound/ask-public-rooms.ts';

/** The directory of another server. @throws MatrixError what it says, or 502 */
export async function listElsewhere(env: Env, serverName: string, query: object): Promise<JsonObject> {
  const server = parseServerName(serverName);
  if (!server) throw invalidParam('server is no server name');
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const list = await askPublicRooms(env, server, Object.fromEntries(given));
  if (list instanceof MatrixError) throw list;
  return list;
}
