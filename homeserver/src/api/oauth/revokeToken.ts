import { userOfToken } from '../access-token.ts';
import { endSessions } from '../client/login/end-sessions.ts';
import { endpoint } from '../endpoint.ts';
import { noStore, readClientForm, required } from './client-form.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#token-revocation (RFC 7009). Either token ends both and the device
 * (MSC4254). What is not known is revoked already. Matrix wants a token to end whoever shows it, with whatever client
 * id: those who find one in the open have none.
 */
export const revokeToken = endpoint({
  operationId: 'revokeToken',
  method: 'POST',
  paths: ['/oauth2/revoke'],
  auth: 'none',
  rateLimit: 'default',
  async handler({ request, config, stubs }) {
    const form = await readClientForm(request);
    const token = required(form, 'token');
    const userId = userOfToken(token, config);
    const grant = userId && (await stubs.user(userId).grantOfToken(token));
    if (userId && grant) await endSessions(stubs, userId, [grant.deviceId]);
    return new Response(null, { headers: noStore });
  },
});
