import * as v from 'valibot';
import {
  parseRoomId,
  parseServerName,
  type RoomAlias,
  type RoomId,
  type ServerName,
  serverNameOf,
} from '../../../../matrix/identifiers.ts';
import type { Env } from '../../env.ts';
import { request } from '../federation-client.ts';

const timeoutMs = 15_000;
const maxBytes = 256 * 1024;
const maxServers = 20;

const schema = v.object({ room_id: v.string(), servers: v.optional(v.array(v.string()), []) });

/** Server-server API, `GET /query/directory`. Nothing if the alias is none, or its server does not answer. */
export async function askDirectory(
  env: Env,
  alias: RoomAlias,
): Promise<{ roomId: RoomId; servers: ServerName[] } | undefined> {
  const server = serverNameOf(alias);
  const answer = await request(env, server, {
    method: 'GET',
    path: '/_matrix/federation/v1/query/directory',
    query: { room_alias: alias },
    timeoutMs,
    maxBytes,
  });
  if (answer.kind === 'failed' || answer.status !== 200) return undefined;
  const parsed = v.safeParse(schema, answer.json);
  const roomId = parsed.success ? parseRoomId(parsed.output.room_id) : undefined;
  if (!parsed.success || !roomId) return undefined;
  const servers = parsed.output.servers.slice(0, maxServers).map(parseServerName);
  return { roomId, servers: [...servers.filter((name) => name !== undefined), server] };
}
