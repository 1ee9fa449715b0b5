import { ownKeyAnswer } from '../../../federation/own-keys.ts';
import { canonicalJson } from '../../../protocol/canonical-json.ts';
import { endpoint } from '../../endpoint.ts';

/**
 * https://spec.matrix.org/v1.16/server-server-api/#get_matrixkeyv2server
 * The key id, which older servers add, makes no difference.
 */
export const getServerKey = endpoint({
  operationId: 'getServerKey',
  method: 'GET',
  paths: ['/_matrix/key/v2/server', '/_matrix/key/v2/server/{keyId}'],
  auth: 'none',
  async handler({ config }) {
    const text = canonicalJson(ownKeyAnswer(config, Date.now()));
    return new Response(text, { headers: { 'content-type': 'application/json' } });
  },
});
