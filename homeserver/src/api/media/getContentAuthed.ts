import { endpoint } from '../endpoint.ts';
import { answerDownload, downloadQuery } from './answer-download.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediadownloadservernamemediaid */
export const getContentAuthed = endpoint({
  operationId: 'getContentAuthed',
  method: 'GET',
  paths: ['/_matrix/client/v1/media/download/{serverName}/{mediaId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: downloadQuery,
  async handler(call) {
    return answerDownload(call);
  },
});
