import * as v from 'valibot';
import { parseRoomId, type RoomId, type ServerName, type UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Env } from '../../env.ts';
import type { RoomPreview, SpaceChild, SpaceView } from '../../objects/room-rpc.ts';
import { request } from '../federation-client.ts';

const timeoutMs = 10_000;
const maxBytes = 2 * 1024 * 1024;
const maxChildren = 500;

const text = v.nullish(v.pipe(v.string(), v.maxLength(2000)));
const child = v.object({
  type: v.literal('m.space.child'),
  state_key: v.pipe(v.string(), v.maxLength(255)),
  sender: v.pipe(v.string(), v.maxLength(255)),
  content: v.record(v.string(), v.unknown()),
  origin_server_ts: v.pipe(v.number(), v.integer()),
});
const summary = v.object({
  room_id: v.string(),
  num_joined_members: v.pipe(v.number(), v.integer(), v.minValue(0)),
  world_readable: v.boolean(),
  guest_can_join: v.boolean(),
  join_rule: v.nullish(v.string(), 'public'),
  room_version: text,
  name: text,
  topic: text,
  avatar_url: text,
  canonical_alias: text,
  room_type: text,
  encryption: text,
  allowed_room_ids: v.nullish(v.pipe(v.array(v.string()), v.maxLength(100))),
});
const answer = v.object({
  room: v.object({ ...summary.entries, children_state: v.optional(v.array(v.unknown()), []) }),
  children: v.optional(v.array(v.unknown()), []),
});

/** Join rules under which anyone may know of the room. */
const openRules = ['public', 'knock', 'knock_restricted'];

export interface RemoteSpace {
  view: SpaceView;
  /** Rooms in it that are no spaces themselves. */
  rooms: SpaceView[];
}

/** Server-server API, `GET /hierarchy/{roomId}`. Nothing if the server does not answer as it should. */
export async function askHierarchy(
  env: Env,
  server: ServerName,
  roomId: RoomId,
  suggestedOnly: boolean,
): Promise<RemoteSpace | undefined> {
  const given = await request(env, server, {
    method: 'GET',
    path: `/_matrix/federation/v1/hierarchy/${encodeURIComponent(roomId)}`,
    query: { suggested_only: suggestedOnly },
    timeoutMs,
    maxBytes,
  });
  if (given.kind === 'failed' || given.status !== 200) return undefined;
  const parsed = v.safeParse(answer, given.json);
  const preview = parsed.success ? previewOf(parsed.output.room) : undefined;
  if (!parsed.success || preview?.roomId !== roomId) return undefined;
  const children = parsed.output.room.children_state.slice(0, maxChildren).flatMap((event) => {
    const sound = v.safeParse(child, event);
    if (!sound.success || (suggestedOnly && sound.output.content.suggested !== true)) return [];
    return [{ ...sound.output, sender: sound.output.sender as UserId } as SpaceChild];
  });
  const rooms = parsed.output.children.slice(0, maxChildren).flatMap((value) => {
    const sound = v.safeParse(summary, value);
    const found = sound.success ? previewOf(sound.output) : undefined;
    return found && found.roomType !== 'm.space'
      ? [{ kind: 'space' as const, preview: found, children: [] }]
      : [];
  });
  return { view: { kind: 'space', preview, children }, rooms };
}

function previewOf(given: v.InferOutput<typeof summary>): RoomPreview | undefined {
  const roomId = parseRoomId(given.room_id);
  if (!roomId) return undefined;
  const joinRule = given.join_rule ?? 'public';
  const others: JsonObject = {
    name: given.name ?? undefined,
    topic: given.topic ?? undefined,
    avatarUrl: given.avatar_url ?? undefined,
    canonicalAlias: given.canonical_alias ?? undefined,
    roomType: given.room_type ?? undefined,
    encryption: given.encryption ?? undefined,
    allowedRooms: given.allowed_room_ids?.map(parseRoomId).filter((id) => id !== undefined),
  };
  return {
    kind: 'preview',
    isOpen: given.world_readable || openRules.includes(joinRule),
    roomId,
    roomVersion: given.room_version ?? '1',
    joinedCount: given.num_joined_members,
    worldReadable: given.world_readable,
    guestCanJoin: given.guest_can_join,
    joinRule,
    ...(Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)) as object),
  };
}
