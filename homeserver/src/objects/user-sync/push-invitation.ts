import type { RoomRow } from '../../storage/user-sync/rooms.ts';
import type { RoomDelta } from '../room-rpc.ts';
import { pushVerdict } from './push-flags.ts';
import { queuePushes } from './queue-pushes.ts';
import type { UserContext } from './user-context.ts';

/** An invitation has no place in the ring: the event is made of its stripped form. */
export function pushInvitation(user: UserContext, room: RoomRow, delta: RoomDelta, nowMs: number): void {
  const invite = delta.snapshot?.strippedState?.find(
    (event) => event.type === 'm.room.member' && event.state_key === user.userId,
  );
  const eventId = delta.snapshot?.inviteEventId;
  if (!invite || eventId === undefined || !room.listed) return;
  const verdict = pushVerdict(user, room, invite, delta.summary.joinedCount);
  if (!verdict.notify) return;
  const place = { position: room.memberAt, roomId: room.roomId, roomPosition: 0, threadId: null };
  queuePushes(user, { ...place, eventId, type: invite.type, originServerTs: nowMs, verdict }, nowMs);
}
