import { endpoint } from '../endpoint.ts';
import { answerDownload, downloadQuery } from './answer-download.ts';
import { requireReader } from './require-reader.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixmediav3downloadservernamemediaidfilename */
export const getContentOverrideName = endpoint({
  operationId: 'getContentOverrideName',
  method: 'GET',
  paths: [
    '/_matrix/media/v3/download/{serverName}/{mediaId}/{fileName}',
    '/_matrix/media/r0/download/{serverName}/{mediaId}/{fileName}',
  ],
  auth: 'optional',
  rateLimit: 'default',
  query: downloadQuery,
  async handler(call, requester) {
    requireReader(requester);
    return answerDownload(call);
  },
});
