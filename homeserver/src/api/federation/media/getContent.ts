import { endpoint } from '../../endpoint.ts';
import { answerDownload, downloadQuery } from '../../media/answer-download.ts';
import { multipartAnswer } from './multipart-answer.ts';

/**
 * Of this server's own media alone.
 * https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1mediadownloadmediaid
 */
export const getContentForServer = endpoint({
  operationId: 'getContent',
  method: 'GET',
  paths: ['/_matrix/federation/v1/media/download/{mediaId}'],
  auth: 'server',
  query: downloadQuery,
  async handler(call) {
    const params = { ...call.params, serverName: call.config.serverName };
    return multipartAnswer(await answerDownload({ ...call, body: undefined, params }));
  },
});
