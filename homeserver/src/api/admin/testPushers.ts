import { mapConcurrently } from '../../../../platform/map-concurrently.ts';
import { gatewayUrl, testNotification } from '../../protocol/push-rules/push-notification.ts';
import { notifyGateway } from '../../services/push-gateway.ts';
import { userIdParam } from '../client/room-requests.ts';
import { endpoint } from '../endpoint.ts';

/** Sends a notification of no event to every pusher of a user, and tells what each gateway said. */
export const testPushers = endpoint({
  operationId: 'testPushers',
  method: 'POST',
  paths: ['/_roost/admin/v1/users/{userId}/test_push'],
  auth: 'admin',
  async handler({ params, stubs, env, config }) {
    const pushers = await stubs.user(userIdParam(params.userId)).pushers();
    const results = await mapConcurrently(pushers, 4, async (pusher) => {
      const { appId, pushkey, details } = pusher;
      const outcome = await notifyGateway(env, config, gatewayUrl(pusher), pushkey, testNotification(pusher));
      return {
        app_id: appId,
        device_display_name: details.device_display_name,
        outcome: outcome.kind,
        ...(outcome.kind === 'failed' && { reason: outcome.reason }),
      };
    });
    return { results };
  },
});
