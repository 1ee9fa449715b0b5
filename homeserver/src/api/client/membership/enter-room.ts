import type { RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import type { joinRoom } from '../../../services/join-room.ts';
import type { Call } from '../../endpoint.ts';
import { resolveRoom } from '../room-requests.ts';

/** What joining and knocking have in common. @param room id or alias, as the path has it */
export async function enterRoom(
  call: Call<{ reason?: string | undefined }, unknown>,
  room: string | undefined,
  userId: UserId,
  enter: (...parameters: Parameters<typeof joinRoom>) => Promise<unknown>,
): Promise<{ room_id: RoomId }> {
  const { body, env, config, stubs } = call;
  const roomId = await resolveRoom(call, room);
  const content = body.reason === undefined ? {} : { reason: body.reason };
  await enter({ db: openD1(env.DB, config.meter), config, stubs }, roomId, userId, content);
  return { room_id: roomId };
}
