import { localpartOf } from '../../../../matrix/identifiers.ts';
import { issuerOf } from '../../services/oauth/issuer.ts';
import { fullScope } from '../../services/oauth/scope.ts';
import { userOfToken } from '../access-token.ts';
import { endpoint } from '../endpoint.ts';
import { noStore, readClientForm, required } from './client-form.ts';
import { checkOwnService } from './own-service.ts';

/**
 * RFC 7662: whose token it is that somebody shows to a service of this server. Whatever is not an access token that is
 * good now is inactive, and nothing more is said of it.
 */
export const introspectToken = endpoint({
  operationId: 'introspectToken',
  method: 'POST',
  paths: ['/oauth2/introspect'],
  auth: 'none',
  rateLimit: 'default',
  async handler({ request, config, stubs }) {
    checkOwnService(request, config);
    const token = required(await readClientForm(request), 'token');
    const userId = userOfToken(token, config);
    const info = userId && (await stubs.user(userId).introspect(token));
    if (!userId || !info) return Response.json({ active: false }, { headers: noStore });
    const { deviceId, clientId, scope, expiresMs } = info;
    const body = {
      active: true,
      scope: scope ?? fullScope(deviceId),
      ...(clientId !== undefined && { client_id: clientId }),
      username: localpartOf(userId),
      token_type: 'Bearer',
      ...(expiresMs !== null && { exp: Math.floor(expiresMs / 1000) }),
      sub: userId,
      iss: issuerOf(config),
      device_id: deviceId,
    };
    return Response.json(body, { headers: noStore });
  },
});
