import { openD1 } from '../../../../../platform/d1.ts';
import { maxDelayMs, maxScheduledEvents } from '../../../objects/room-rpc.ts';
import { roomVersions } from '../../../protocol/room-versions.ts';
import { readAccount } from '../../../storage/d1/accounts.ts';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3capabilities */
export const getCapabilities = endpoint({
  operationId: 'getCapabilities',
  method: 'GET',
  paths: ['/_matrix/client/v3/capabilities'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ env, config, stubs }, { userId, deviceId, appservice }) {
    const account = await readAccount(openD1(env.DB, config.meter), userId);
    // Of OAuth a client does neither: its user has the account page.
    const isLegacy = !appservice && !(await stubs.user(userId).isGrant(deviceId));
    return {
      capabilities: {
        'm.room_versions': {
          default: config.defaultRoomVersion,
          available: Object.fromEntries(Object.keys(roomVersions).map((id) => [id, 'stable'])),
        },
        'm.change_password': { enabled: isLegacy && config.passwordLogin },
        'm.set_displayname': { enabled: true },
        'm.set_avatar_url': { enabled: true },
        'm.profile_fields': { enabled: true },
        'm.3pid_changes': { enabled: false },
        'm.get_login_token': { enabled: isLegacy && config.ssoLogin },
        'org.matrix.msc4140.delayed_events': {
          max_delay_ms: maxDelayMs,
          max_scheduled: maxScheduledEvents,
        },
        ...(account?.isAdmin && { 'm.account_moderation': { lock: true, suspend: true } }),
      },
    };
  },
});
