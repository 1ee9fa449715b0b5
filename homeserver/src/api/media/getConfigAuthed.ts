import { limits } from '../../../../matrix/limits.ts';
import { endpoint } from '../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediaconfig */
export const getConfigAuthed = endpoint({
  operationId: 'getConfigAuthed',
  method: 'GET',
  // The others are the deprecated `getConfig`, which asked for a token too.
  paths: ['/_matrix/client/v1/media/config', '/_matrix/media/v3/config', '/_matrix/media/r0/config'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler() {
    return { 'm.upload.size': limits.maxUploadBytes };
  },
});
