import { errorText, log } from '../../platform/log.ts';
import type { Bridge } from './bridge.ts';
import { hashOf } from './hash.ts';

/**
 * Says something to a person about their logins, as a notice of the bot in a room of the two. What fails is
 * logged: the state of the login is in the provisioning API too.
 */
export async function tellOwner(bridge: Bridge, userId: string, text: string): Promise<void> {
  try {
    const roomId = await noticeRoom(bridge, userId);
    const txnId = crypto.randomUUID();
    await bridge.config.matrix.sendMessage(roomId, 'm.room.message', txnId, {
      msgtype: 'm.notice',
      body: text,
    });
  } catch (error) {
    log('warn', 'bridge.owner_not_told', { userId, error: errorText(error) });
  }
}

/** Found by its alias, so that there is one. */
async function noticeRoom(bridge: Bridge, userId: string): Promise<string> {
  const { config, connector } = bridge;
  const localpart = `${connector.id}_status_${hashOf('status', userId).slice(0, 16).toLowerCase()}`;
  const known = await config.matrix.getRoomIdByAlias(`#${localpart}:${config.homeserverName}`);
  if (known) return known.room_id;
  return config.matrix.createRoom({
    preset: 'trusted_private_chat',
    room_alias_name: localpart,
    name: `${connector.displayName} bridge`,
    is_direct: true,
    invite: [userId],
  });
}
