import { endpoint } from '../endpoint.ts';
import { answerThumbnail, thumbnailQuery } from './answer-thumbnail.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediathumbnailservernamemediaid */
export const getContentThumbnailAuthed = endpoint({
  operationId: 'getContentThumbnailAuthed',
  method: 'GET',
  paths: ['/_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: thumbnailQuery,
  async handler(call) {
    return answerThumbnail(call);
  },
});
