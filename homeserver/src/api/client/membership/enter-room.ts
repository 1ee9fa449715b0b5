import type { RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { claimInvite, type SignedClaim } from '../../../services/claim-invite.ts';
import type { joinRoom } from '../../../services/join-room.ts';
import type { Call } from '../../endpoint.ts';
import { resolveRoom } from '../room-requests.ts';

interface Entrance {
  reason?: string | undefined;
  /** Of joins: the proof that an invitation to an address is for this user. */
  third_party_signed?: object | undefined;
}

/** What joining and knocking have in common. @param room id or alias, as the path has it */
export async function enterRoom(
  call: Call<Entrance, unknown>,
  room: string | undefined,
  userId: UserId,
  enter: (...parameters: Parameters<typeof joinRoom>) => Promise<unknown>,
): Promise<{ room_id: RoomId }> {
  const { body, env, config, stubs } = call;
  const roomId = await resolveRoom(call, room);
  const parts = { db: openD1(env.DB, config.meter), config, stubs };
  const { reason, third_party_signed: signed } = body;
  if (signed) await claimInvite(parts, roomId, userId, signed as SignedClaim);
  await enter(parts, roomId, userId, reason === undefined ? {} : { reason });
  return { room_id: roomId };
}
