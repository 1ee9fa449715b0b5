import type { Membership } from '../../../../../matrix/events.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
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
  { params, stubs }: Call<unknown, unknown>,
  { userId }: Requester,
  { target, membership, reason, onlyFrom }: MembershipChange,
): Promise<void> {
  granted(
    await stubs.room(roomIdParam(params.roomId)).append({
      sender: userId,
      type: 'm.room.member',
      stateKey: target,
      content: { membership, ...(reason === undefined ? {} : { reason }) },
      ...(onlyFrom ? { onlyFrom } : {}),
    }),
  );
}
