import { openD1 } from '../../../../../platform/d1.ts';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import type { RoomRpc } from '../../../objects/room-rpc.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import { isPublished } from '../../../storage/d1/public-rooms.ts';
import { granted, roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { listedRoom } from './room-format.ts';

/** Users whose devices are counted. */
const maxCounted = 100;

/** The room itself is asked. https://element-hq.github.io/synapse/latest/admin_api/rooms.html#room-details-api */
export const adminGetRoom = endpoint({
  operationId: 'adminGetRoom',
  method: 'GET',
  paths: ['/_synapse/admin/v1/rooms/{roomId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config, stubs }) {
    const roomId = roomIdParam(params.roomId);
    const room = stubs.room(roomId);
    const facts = granted(await room.facts());
    const [isPublic, devices] = await Promise.all([
      isPublished(openD1(env.DB, config.meter), roomId),
      countDevices(stubs, room),
    ]);
    return {
      ...listedRoom(facts, isPublic),
      topic: facts.topic,
      avatar: facts.avatarUrl,
      joined_local_devices: devices,
      forgotten: facts.isForgotten,
    };
  },
});

async function countDevices(stubs: Stubs, room: RoomRpc): Promise<number> {
  const members = (await room.localMembers()).slice(0, maxCounted);
  const counts = await mapConcurrently(
    members,
    10,
    async (userId) => (await stubs.user(userId).devices()).length,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
