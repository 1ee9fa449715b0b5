import { createHmac } from 'node:crypto';
import { endpoint } from '../../endpoint.ts';

const lifetimeSeconds = 24 * 60 * 60;

/**
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3voipturnserver
 * @note Credentials as TURN servers with a shared secret know them (draft-uberti-behave-turn-rest). Without
 * such a server the answer is empty: clients take an empty list for one that they may use.
 */
export const getTurnServer = endpoint({
  operationId: 'getTurnServer',
  method: 'GET',
  paths: ['/_matrix/client/v3/voip/turnServer'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ config }, { userId }) {
    if (!config.turn) return {};
    const username = `${Math.floor(Date.now() / 1000) + lifetimeSeconds}:${userId}`;
    const password = createHmac('sha1', config.turn.secret).update(username).digest('base64');
    return { username, password, uris: config.turn.uris, ttl: lifetimeSeconds };
  },
});
