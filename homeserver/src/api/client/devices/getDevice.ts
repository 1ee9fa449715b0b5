import { notFound } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { deviceFormat } from './device-format.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3devicesdeviceid */
export const getDevice = endpoint({
  operationId: 'getDevice',
  method: 'GET',
  paths: ['/_matrix/client/v3/devices/{deviceId}'],
  auth: 'accessToken',
  async handler({ params, stubs }, { userId }) {
    const devices = await stubs.user(userId).devices();
    const device = devices.find(({ deviceId }) => deviceId === params.deviceId);
    if (!device) throw notFound('No such device');
    return deviceFormat(device);
  },
});
