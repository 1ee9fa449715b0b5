import { MatrixError } from '../../../../../matrix/errors.ts';
import type { RoomId, ServerName, UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { candidates, joinThrough } from '../../../federation/outbound/join-room.ts';
import { knockThrough } from '../../../federation/outbound/knock-on-room.ts';
import { claimInvite, type SignedClaim } from '../../../services/claim-invite.ts';
import { inheritSettings } from '../../../services/inherit-settings.ts';
import { joinRoom, serversThatLetIn } from '../../../services/join-room.ts';
import { knockRoom } from '../../../services/knock-room.ts';
import { serversOutside } from '../../../services/leave-outside.ts';
import { memberContent } from '../../../services/member-content.ts';
import type { Call } from '../../endpoint.ts';
import { resolveRoomAnywhere, serverOf, viaOf } from '../room-requests.ts';

interface Entrance {
  /** Of joins, other members than these become part of the event. */
  [name: string]: unknown;
  reason?: string | undefined;
  /** Of joins: the proof that an invitation to an address is for this user. */
  third_party_signed?: object | undefined;
}

export interface Entering {
  /** Where users of this server are in the room. Denied with `M_NOT_FOUND` where none are. */
  here: (...parameters: Parameters<typeof joinRoom>) => Promise<unknown>;
  membership: 'join' | 'knock';
  /** Through other servers. */
  through: (
    parts: Pick<Call<unknown, unknown>, 'env' | 'config' | 'stubs'>,
    servers: readonly ServerName[],
    own: { roomId: RoomId; userId: UserId; content: JsonObject },
  ) => Promise<unknown>;
}

export const joining: Entering = { here: joinRoom, membership: 'join', through: joinThrough };
export const knocking: Entering = { here: knockRoom, membership: 'knock', through: knockThrough };

/** What joining and knocking have in common. @param room id or alias, as the path has it */
export async function enterRoom(
  call: Call<Entrance, unknown>,
  room: string | undefined,
  userId: UserId,
  { here, membership, through }: Entering,
): Promise<{ room_id: RoomId }> {
  const { body, env, config, stubs } = call;
  const { roomId, servers } = await resolveRoomAnywhere(call, room);
  const parts = { db: openD1(env.DB, config.meter), env, config, stubs };
  const { third_party_signed: signed } = body;
  if (signed) {
    const claim = signed as SignedClaim & { sender: string };
    await claimInvite(parts, { roomId, userId, sender: claim.sender, signed: claim });
  }
  const more = ownContent(body);
  const elsewhere = async (error: unknown): Promise<ServerName[]> => {
    if (membership === 'join' && isForbidden(error)) return serversThatLetIn(parts, roomId, userId);
    if (!isUnknownHere(error)) return [];
    const invited = await serversOutside(parts, userId, roomId);
    const named = [...viaOf(call.url), ...servers, ...invited];
    if (named.length > 0) return named;
    // Its members may not be known here yet: who may join, those know who have been there.
    const inRoom = await stubs.room(roomId).serversInRoom();
    return [...(inRoom as ServerName[]), ...serverOf(roomId)];
  };
  try {
    await here(parts, roomId, userId, more);
  } catch (error) {
    const known = candidates(parts, await elsewhere(error));
    if (known.length === 0) throw error;
    const { membership: _, ...content } = await memberContent(parts.db, config, userId, membership, more);
    await through(parts, known, { roomId, userId, content });
    if (membership === 'join') await inheritSettings(parts, userId, roomId);
  }
  return { room_id: roomId };
}

/** Who a user is and may do in the room is not for the request to say. */
function ownContent(body: Entrance): JsonObject {
  const { third_party_signed, membership, displayname, avatar_url, is_direct, ...rest } = body;
  delete rest.join_authorised_via_users_server;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as JsonObject;
}

function isForbidden(error: unknown): boolean {
  return error instanceof MatrixError && error.errcode === 'M_FORBIDDEN';
}

function isUnknownHere(error: unknown): boolean {
  return error instanceof MatrixError && error.errcode === 'M_NOT_FOUND';
}
