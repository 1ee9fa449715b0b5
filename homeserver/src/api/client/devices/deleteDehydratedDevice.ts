import { endpoint } from '../../endpoint.ts';
import { dehydratedDevicePath, noDehydratedDevice } from './dehydrated-device-path.ts';

/** https://github.com/matrix-org/matrix-spec-proposals/pull/3814 */
export const deleteDehydratedDevice = endpoint({
  operationId: 'deleteDehydratedDevice',
  method: 'DELETE',
  paths: [dehydratedDevicePath],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ stubs }, { userId }) {
    const deviceId = await stubs.userKeys(userId).deleteDehydratedDevice();
    if (deviceId === undefined) throw noDehydratedDevice();
    return { device_id: deviceId };
  },
});
