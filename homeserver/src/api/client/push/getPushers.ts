import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushers */
export const getPushers = endpoint({
  operationId: 'getPushers',
  method: 'GET',
  paths: ['/_matrix/client/v3/pushers'],
  auth: 'accessToken',
  async handler({ stubs }, { userId }) {
    const pushers = await stubs.user(userId).pushers();
    return {
      pushers: pushers.map(({ appId, pushkey, deviceId, details }) => ({
        'org.matrix.msc3881.enabled': true,
        ...details,
        'org.matrix.msc3881.device_id': deviceId,
        kind: 'http',
        app_id: appId,
        pushkey,
      })),
    };
  },
});
