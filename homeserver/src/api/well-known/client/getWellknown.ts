import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#getwell-knownmatrixclient */
export const getWellknown = endpoint({
  operationId: 'getWellknown',
  method: 'GET',
  paths: ['/.well-known/matrix/client'],
  auth: 'none',
  async handler({ config }) {
    return {
      'm.homeserver': { base_url: config.publicBaseUrl },
      // MSC4143, for clients that do not ask `rtc/transports`.
      ...(config.rtcTransports.length > 0 && { 'org.matrix.msc4143.rtc_foci': config.rtcTransports }),
    };
  },
});
