import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { networkInstanceId } from '../../../services/third-party-networks.ts';
import { publishInNetwork, withdrawFromNetwork } from '../../../storage/d1/public-rooms.ts';
import { endpoint } from '../../endpoint.ts';
import { granted, roomIdParam } from '../room-requests.ts';

const maxInstanceChars = 255;

/**
 * https://spec.matrix.org/v1.16/application-service-api/#put_matrixclientv3directorylistappservicenetworkidroomid
 * What is listed so is found under the network alone, or under all of them.
 */
export const updateAppserviceRoomDirectoryVisibility = endpoint({
  operationId: 'updateAppserviceRoomDirectoryVisibility',
  method: 'PUT',
  paths: ['/_matrix/client/v3/directory/list/appservice/{networkId}/{roomId}'],
  auth: 'appservice',
  body: v.object({ visibility: v.picklist(['public', 'private']) }),
  async handler({ body, params, env, config, stubs }, { userId, appservice }) {
    const roomId = roomIdParam(params.roomId);
    const instanceId = networkInstanceId(appservice?.id ?? '', params.networkId ?? '');
    const db = openD1(env.DB, config.meter);
    if (body.visibility === 'private') {
      await withdrawFromNetwork(db, instanceId, roomId);
      return {};
    }
    if (instanceId.length > maxInstanceChars) throw invalidParam('The network id is too long');
    granted(await stubs.room(roomId).readPreview(userId));
    await publishInNetwork(db, instanceId, roomId);
    return {};
  },
});
