import * as v from 'valibot';
import { deviceIdField } from '../../client/request-fields.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

/** A device without a session; one that is there already stays as it is. https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#create-a-device */
export const adminCreateDevice = endpoint({
  operationId: 'adminCreateDevice',
  method: 'POST',
  paths: ['/_synapse/admin/v2/users/{userId}/devices'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ device_id: deviceIdField }),
  async handler(call) {
    const { userId } = await localUser(call);
    await call.stubs.user(userId).updateDevice(call.body.device_id, undefined, true);
    return Response.json({}, { status: 201 });
  },
});
