import { endpoint } from '../endpoint.ts';
import { answerDownload, downloadQuery } from './answer-download.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediadownloadservernamemediaidfilename */
export const getContentOverrideNameAuthed = endpoint({
  operationId: 'getContentOverrideNameAuthed',
  method: 'GET',
  paths: ['/_matrix/client/v1/media/download/{serverName}/{mediaId}/{fileName}'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: downloadQuery,
  async handler(call) {
    return answerDownload(call);
  },
});
