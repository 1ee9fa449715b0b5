import type { Membership } from '../../../../../matrix/events.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { appendEvent } from '../../../services/append-event.ts';
import { leaveOutside } from '../../../services/leave-outside.ts';
import { requireNoNotices } from '../../../services/server-notices.ts';
import type { Call, Requester } from '../../endpoint.ts';
import { granted, roomIdParam } from '../room-requests.ts';

export interface MembershipChange {
  target: UserId;
  membership: 'leave' | 'ban';
  reason: string | undefined;
  /** Refused unless the target's membership is one of these. */
  onlyFrom?: Membership[];
}

/** For the endpoints that remove someone from the room in the path, or lift a ban. */
export async function changeMembership(
  { params, env, config, stubs }: Call<unknown, unknown>,
  { userId }: Requester,
  { target, membership, reason, onlyFrom }: MembershipChange,
): Promise<void> {
  const roomId = roomIdParam(params.roomId);
  if (target === userId) requireNoNotices(config, userId, await stubs.user(userId).pendingMembership(roomId));
  const more = reason === undefined ? {} : { reason };
  const result = await appendEvent({ env, stubs }, roomId, {
    sender: userId,
    type: 'm.room.member',
    stateKey: target,
    content: { membership, ...more },
    ...(onlyFrom ? { onlyFrom } : {}),
  });
  const isOutside = result.kind === 'denied' && result.errcode === 'M_NOT_FOUND' && target === userId;
  if (isOutside && (await leaveOutside({ env, config, stubs }, userId, roomId, more))) return;
  granted(result);
}
