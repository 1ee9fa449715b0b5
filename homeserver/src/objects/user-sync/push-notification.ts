import type { JsonObject } from '../../../../matrix/json.ts';
import type { PusherRow } from '../../storage/user-sync/pushers.ts';

/** The event of a notification. Of one that is no longer kept, only the ids are known. */
export interface PushedEvent {
  eventId: string;
  roomId: string;
  high: boolean;
  tweaks: JsonObject;
  /** Absent, too, for pushers that want ids alone. */
  shown?: {
    type: string;
    sender: string;
    content: JsonObject;
    senderName?: string;
    roomName?: string;
    roomAlias?: string;
    isAboutUser: boolean;
  };
}

/** Whether the pusher wants ids alone, and fetches the rest itself. */
export function wantsIdsOnly(pusher: Pick<PusherRow, 'details'>): boolean {
  return dataOf(pusher).format === 'event_id_only';
}

export function gatewayUrl(pusher: Pick<PusherRow, 'details'>): string {
  const { url } = dataOf(pusher);
  return typeof url === 'string' ? url : '';
}

/**
 * The `notification` of the push gateway API.
 * @param unread rooms with news, 0 included: an app takes a missing number for "as before"
 * @param pushed absent: only the number changed
 */
export function pushNotification(
  pusher: Pick<PusherRow, 'appId' | 'pushkey' | 'setMs' | 'details'>,
  unread: number,
  pushed?: PushedEvent,
): JsonObject {
  const { url: _url, ...data } = dataOf(pusher);
  const idsOnly = wantsIdsOnly(pusher);
  const device: JsonObject = {
    app_id: pusher.appId,
    pushkey: pusher.pushkey,
    pushkey_ts: Math.floor(pusher.setMs / 1000),
    data,
    ...(pushed && !idsOnly && { tweaks: pushed.tweaks }),
  };
  const shown = idsOnly ? undefined : pushed?.shown;
  return {
    ...(pushed && { event_id: pushed.eventId, room_id: pushed.roomId, prio: pushed.high ? 'high' : 'low' }),
    ...(shown && {
      type: shown.type,
      sender: shown.sender,
      content: shown.content,
      user_is_target: shown.isAboutUser,
      ...(shown.senderName !== undefined && { sender_display_name: shown.senderName }),
      ...(shown.roomName !== undefined && { room_name: shown.roomName }),
      ...(shown.roomAlias !== undefined && { room_alias: shown.roomAlias }),
    }),
    counts: { unread },
    devices: [device],
  };
}

function dataOf({ details }: Pick<PusherRow, 'details'>): JsonObject {
  return (details.data ?? {}) as JsonObject;
}
