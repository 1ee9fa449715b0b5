import type { JsonObject } from '../../../../matrix/json.ts';

/** What a notification tells of its pusher. */
export interface Pusher {
  appId: string;
  pushkey: string;
  /** Epoch ms. */
  setMs: number;
  /** As the client set it; `data` is meant for the gateway. */
  details: JsonObject;
}

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
export function wantsIdsOnly(pusher: Pick<Pusher, 'details'>): boolean {
  return dataOf(pusher).format === 'event_id_only';
}

export function gatewayUrl(pusher: Pick<Pusher, 'details'>): string {
  const { url } = dataOf(pusher);
  return typeof url === 'string' ? url : '';
}

/**
 * The `notification` of the push gateway API.
 * @param unread rooms with news, 0 included: an app takes a missing number for "as before"
 * @param pushed absent: only the number changed
 */
export function pushNotification(pusher: Pusher, unread: number, pushed?: PushedEvent): JsonObject {
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

/** Element's apps know these ids, and show that the way to them works. */
export function testNotification(pusher: Pusher): JsonObject {
  const test = { eventId: '$THIS_IS_A_FAKE_EVENT_ID', roomId: '!room:domain', high: true, tweaks: {} };
  return pushNotification(pusher, 1, test);
}

function dataOf({ details }: Pick<Pusher, 'details'>): JsonObject {
  return (details.data ?? {}) as JsonObject;
}
