import type { Config } from '../../../config.ts';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3login */
export const getLoginFlows = endpoint({
  operationId: 'getLoginFlows',
  method: 'GET',
  paths: ['/_matrix/client/v3/login'],
  auth: 'none',
  rateLimit: 'default',
  async handler({ config }) {
    return {
      flows: [
        ...(config.passwordLogin ? [{ type: 'm.login.password' }] : []),
        ...(config.ssoLogin ? [ssoFlow(config), { type: 'm.login.token', get_login_token: true }] : []),
        { type: 'm.login.application_service' },
      ],
    };
  },
});

/** Clients that know OAuth are asked to use it instead (MSC3824). */
function ssoFlow(config: Config): object {
  return {
    type: 'm.login.sso',
    oauth_aware_preferred: true,
    'org.matrix.msc3824.delegated_oidc_compatibility': true,
    ...(config.upstream && {
      identity_providers: [
        { id: 'upstream', name: config.upstream.name },
        { id: 'roost', name: config.serverName },
      ],
    }),
  };
}
