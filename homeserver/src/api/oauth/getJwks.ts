import { endpoint } from '../endpoint.ts';

/** RFC 7517: no keys, since no ID tokens are given. */
export const getJwks = endpoint({
  operationId: 'getJwks',
  method: 'GET',
  paths: ['/oauth2/jwks.json'],
  auth: 'none',
  async handler() {
    return { keys: [] };
  },
});
