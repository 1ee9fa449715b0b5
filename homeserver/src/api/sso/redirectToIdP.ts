import { endpoint } from '../endpoint.ts';
import { redirectTo } from './redirectToSSO.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3loginssoredirectidpid */
export const redirectToIdP = endpoint({
  operationId: 'redirectToIdP',
  method: 'GET',
  paths: [
    '/_matrix/client/v3/login/sso/redirect/{idpId}',
    '/_matrix/client/unstable/org.matrix.msc2858/login/sso/redirect/{idpId}',
  ],
  auth: 'none',
  rateLimit: 'default',
  handler: async (call) => redirectTo(call, call.params.idpId),
});
