import { unrecognized } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';

/**
 * MSC4143: where calls of several are carried.
 * @note Without any it is not offered: an empty list would keep clients from asking elsewhere.
 */
export const getRtcTransports = endpoint({
  operationId: 'getRtcTransports',
  method: 'GET',
  paths: ['/_matrix/client/v1/rtc/transports', '/_matrix/client/unstable/org.matrix.msc4143/rtc/transports'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ config }) {
    if (config.rtcTransports.length === 0) throw unrecognized();
    return { rtc_transports: config.rtcTransports };
  },
});
