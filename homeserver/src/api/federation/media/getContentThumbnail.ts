import { endpoint } from '../../endpoint.ts';
import { answerThumbnail, thumbnailQuery } from '../../media/answer-thumbnail.ts';
import { multipartAnswer } from './multipart-answer.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1mediathumbnailmediaid */
export const getThumbnailForServer = endpoint({
  operationId: 'getContentThumbnail',
  method: 'GET',
  paths: ['/_matrix/federation/v1/media/thumbnail/{mediaId}'],
  auth: 'server',
  query: thumbnailQuery,
  async handler(call) {
    const params = { ...call.params, serverName: call.config.serverName };
    return multipartAnswer(await answerThumbnail({ ...call, body: undefined, params }));
  },
});
