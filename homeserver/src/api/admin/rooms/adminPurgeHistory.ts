import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { administrator } from '../../../objects/room-rpc.ts';
import { purgeUpTo } from '../../../services/admin/purge-up-to.ts';
import { runTask } from '../../../services/admin/run-task.ts';
import { eventIdField, eventIdParam, granted, roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { timeField } from '../admin-fields.ts';

/**
 * Messages from before a time or an event go; state stays, and what is younger than a day.
 * https://element-hq.github.io/synapse/latest/admin_api/purge_history_api.html
 */
export const adminPurgeHistory = endpoint({
  operationId: 'adminPurgeHistory',
  method: 'POST',
  paths: ['/_synapse/admin/v1/purge_history/{roomId}', '/_synapse/admin/v1/purge_history/{roomId}/{eventId}'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({
    delete_local_events: v.optional(v.boolean(), false),
    purge_up_to_ts: v.optional(timeField),
    purge_up_to_event_id: v.optional(eventIdField),
  }),
  async handler({ params, body, env, config, stubs }) {
    if (!body.delete_local_events) {
      throw invalidParam(
        'delete_local_events: has to be true, for messages of this server go with the others',
      );
    }
    const roomId = roomIdParam(params.roomId);
    const room = stubs.room(roomId);
    granted(await room.facts());
    const eventId = params.eventId === undefined ? body.purge_up_to_event_id : eventIdParam(params.eventId);
    const beforeMs =
      eventId === undefined
        ? body.purge_up_to_ts
        : granted(await room.readEvent({ userId: administrator }, eventId)).event.origin_server_ts;
    if (beforeMs === undefined) throw invalidParam('An event or a time is needed');
    const db = openD1(env.DB, config.meter);
    return { purge_id: await runTask(db, 'purge_history', roomId, () => purgeUpTo(room, beforeMs)) };
  },
});
