import { endpoint } from '../../endpoint.ts';
import { deleteThese, mediaKey, mediaNotFound } from './media-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/media_admin_api.html#delete-a-specific-local-media */
export const adminDeleteMedia = endpoint({
  operationId: 'adminDeleteMedia',
  method: 'DELETE',
  paths: ['/_synapse/admin/v1/media/{serverName}/{mediaId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    const { serverName, mediaId } = call.params;
    const answer = await deleteThese(call, [mediaKey(serverName, mediaId, call.config)]);
    if (answer.total === 0) throw mediaNotFound();
    return answer;
  },
});
