import type { ClientEvent } from '../../../../matrix/events.ts';

/** Who looks at an event, and when. */
export interface Viewer {
  deviceId: string;
  nowMs: number;
}

/**
 * An event as an answer of either sync shows it: without `room_id` (events are listed by room), with its
 * age, and with the transaction id if this device sent it.
 */
export function showEvent(
  event: ClientEvent,
  viewer: Viewer,
  sent?: { txnDeviceId: string | null; txnId: string | null },
): ClientEvent {
  const { room_id: _room, unsigned, ...shown } = event;
  const { transaction_id: _transaction, ...rest } = unsigned ?? {};
  return {
    ...shown,
    unsigned: {
      ...rest,
      age: Math.max(0, viewer.nowMs - event.origin_server_ts),
      ...(sent?.txnId != null && sent.txnDeviceId === viewer.deviceId && { transaction_id: sent.txnId }),
    },
  };
}
