import { endpoint } from '../../endpoint.ts';
import { dehydratedDevicePath, noDehydratedDevice } from './dehydrated-device-path.ts';

/** https://github.com/matrix-org/matrix-spec-proposals/pull/3814 */
export const getDehydratedDevice = endpoint({
  operationId: 'getDehydratedDevice',
  method: 'GET',
  paths: [dehydratedDevicePath],
  auth: 'accessToken',
  async handler({ stubs }, { userId }) {
    const device = await stubs.userKeys(userId).dehydratedDevice();
    if (!device) throw noDehydratedDevice();
    return { device_id: device.deviceId, device_data: device.deviceData };
  },
});
