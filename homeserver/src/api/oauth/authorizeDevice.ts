import { openD1 } from '../../../../platform/d1.ts';
import { findClient } from '../../services/oauth/authorization-request.ts';
import { deviceCodeSeconds, pollSeconds, startDeviceGrant } from '../../services/oauth/device-codes.ts';
import { OauthError } from '../../services/oauth/oauth-error.ts';
import { endpoint } from '../endpoint.ts';
import { noStore, readClientForm, required } from './client-form.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#device-authorization-flow (RFC 8628, 3.1) */
export const authorizeDevice = endpoint({
  operationId: 'authorizeDevice',
  method: 'POST',
  paths: ['/oauth2/device'],
  auth: 'none',
  rateLimit: 'login',
  async handler({ request, env, config }) {
    const form = await readClientForm(request);
    const db = openD1(env.DB, config.meter);
    const client = await findClient(db, required(form, 'client_id'));
    if (!client) throw new OauthError('invalid_client', 'The client is not registered');
    const codes = await startDeviceGrant(db, client, form.scope ?? '', config, Date.now());
    const uri = `${config.publicBaseUrl}/link`;
    const body = {
      device_code: codes.deviceCode,
      user_code: codes.userCode,
      verification_uri: uri,
      verification_uri_complete: `${uri}?code=${codes.userCode}`,
      expires_in: deviceCodeSeconds,
      interval: pollSeconds,
    };
    return Response.json(body, { headers: noStore });
  },
});
