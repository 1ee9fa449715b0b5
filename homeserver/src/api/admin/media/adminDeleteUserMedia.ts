import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { mediaOfUser, mediaOrders } from '../../../storage/d1/media-admin.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser, pageFields } from '../admin-fields.ts';
import { deleteThese } from './media-fields.ts';

/** A page of them, as the list shows it. https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#delete-media-uploaded-by-a-user */
export const adminDeleteUserMedia = endpoint({
  operationId: 'adminDeleteUserMedia',
  method: 'DELETE',
  paths: ['/_synapse/admin/v1/users/{userId}/media'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({ ...pageFields, order_by: v.optional(v.picklist(mediaOrders), 'created_ts') }),
  async handler(call) {
    const { query, env, config } = call;
    const { userId } = await localUser(call);
    const page = { orderBy: query.order_by, dir: query.dir, from: query.from, limit: query.limit };
    const rows = await mediaOfUser(openD1(env.DB, config.meter), userId, page);
    return deleteThese(
      call,
      rows.map(({ mediaId }) => mediaId),
    );
  },
});
