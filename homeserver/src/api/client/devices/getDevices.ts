import { endpoint } from '../../endpoint.ts';
import { deviceFormat } from './device-format.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3devices */
export const getDevices = endpoint({
  operationId: 'getDevices',
  method: 'GET',
  paths: ['/_matrix/client/v3/devices'],
  auth: 'accessToken',
  async handler({ stubs }, { userId }) {
    return { devices: (await stubs.user(userId).devices()).map(deviceFormat) };
  },
});
