import type { Config } from '../../config.ts';
import { supportedGrants } from '../../services/oauth/client-metadata.ts';
import { issuerOf } from '../../services/oauth/issuer.ts';
import { endpoint } from '../endpoint.ts';
import { actionNames } from './account-action.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1auth_metadata (RFC 8414, MSC2965) */
export const getAuthMetadata = endpoint({
  operationId: 'getAuthMetadata',
  method: 'GET',
  paths: [
    '/_matrix/client/v1/auth_metadata',
    '/_matrix/client/unstable/org.matrix.msc2965/auth_metadata',
    '/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
  ],
  auth: 'none',
  async handler({ config }) {
    return Response.json(authMetadata(config), { headers: { 'cache-control': 'public, max-age=300' } });
  },
});

function authMetadata(config: Config): object {
  const at = (path: string) => `${config.publicBaseUrl}${path}`;
  return {
    issuer: issuerOf(config),
    authorization_endpoint: at('/oauth2/authorize'),
    token_endpoint: at('/oauth2/token'),
    revocation_endpoint: at('/oauth2/revoke'),
    introspection_endpoint: at('/oauth2/introspect'),
    registration_endpoint: at('/oauth2/registration'),
    device_authorization_endpoint: at('/oauth2/device'),
    // Older clients insist on it. Nothing is signed: there are no ID tokens.
    jwks_uri: at('/oauth2/jwks.json'),
    scopes_supported: [
      'urn:matrix:client:api:*',
      'urn:matrix:client:device:*',
      'urn:matrix:org.matrix.msc2967.client:api:*',
      'urn:matrix:org.matrix.msc2967.client:device:*',
      'urn:synapse:admin:*',
    ],
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment'],
    grant_types_supported: [...supportedGrants],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'Bearer'],
    authorization_response_iss_parameter_supported: true,
    prompt_values_supported: ['none', 'login', 'consent', 'select_account', 'create'],
    account_management_uri: at('/account'),
    account_management_actions_supported: actionNames,
  };
}
