import { ownsUser } from '../../../appservice/registration.ts';
import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import { errorText, log } from '../../../platform/log.ts';
import type { Config } from '../config.ts';
import type { Stubs } from '../objects/stubs.ts';
import { predecessorOf } from './creation-content.ts';

/**
 * What a person has set for a room goes on with the room that replaces it. For who has just joined; never fails,
 * since the joining has succeeded.
 */
export async function inheritSettings(
  { config, stubs }: { config: Config; stubs: Stubs },
  userId: UserId,
  roomId: RoomId,
): Promise<void> {
  if (config.registrations.some((service) => ownsUser(service, userId, config.serverName))) return;
  try {
    const create = await stubs.room(roomId).readStateEvent(userId, 'm.room.create', '');
    const former = create.kind === 'event' ? predecessorOf(create.event.content) : undefined;
    if (former) await stubs.user(userId).inheritRoom(former, roomId);
  } catch (error) {
    log('error', 'join.settings_not_inherited', { roomId, error: errorText(error) });
  }
}
