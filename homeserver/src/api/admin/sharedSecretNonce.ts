import { unrecognized } from '../../../../matrix/errors.ts';
import { endpoint } from '../endpoint.ts';
import { makeNonce } from './shared-secret-nonce.ts';

/** First step of registration by shared secret, as Synapse has it. */
export const sharedSecretNonce = endpoint({
  operationId: 'sharedSecretNonce',
  method: 'GET',
  paths: ['/_synapse/admin/v1/register'],
  auth: 'none',
  rateLimit: 'login',
  async handler({ config }) {
    if (!config.registrationSharedSecret) throw unrecognized();
    return { nonce: makeNonce(config.registrationSharedSecret, Date.now()) };
  },
});
