import { endpoint } from '../endpoint.ts';
import { answerThumbnail, thumbnailQuery } from './answer-thumbnail.ts';
import { requireReader } from './require-reader.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixmediav3thumbnailservernamemediaid */
export const getContentThumbnail = endpoint({
  operationId: 'getContentThumbnail',
  method: 'GET',
  paths: [
    '/_matrix/media/v3/thumbnail/{serverName}/{mediaId}',
    '/_matrix/media/r0/thumbnail/{serverName}/{mediaId}',
  ],
  auth: 'optional',
  rateLimit: 'default',
  query: thumbnailQuery,
  async handler(call, requester) {
    requireReader(requester);
    return answerThumbnail(call);
  },
});
