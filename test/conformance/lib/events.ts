/** An event as clients get it. */
export interface ClientEvent {
  type: string;
  sender: string;
  event_id: string;
  room_id?: string;
  state_key?: string;
  origin_server_ts: number;
  content: Record<string, unknown>;
  unsigned?: Record<string, unknown>;
}

export interface JoinedRoom {
  timeline?: { events: ClientEvent[]; limited?: boolean; prev_batch?: string };
  state?: { events: ClientEvent[] };
  'org.matrix.msc4222.state_after'?: { events: ClientEvent[] };
  ephemeral?: { events: { type: string; content: Record<string, unknown>; room_id?: string }[] };
  account_data?: { events: { type: string; content: Record<string, unknown> }[] };
  summary?: Record<string, unknown>;
  unread_notifications?: { notification_count?: number; highlight_count?: number };
  unread_thread_notifications?: Record<string, { notification_count?: number; highlight_count?: number }>;
}

export interface SyncAnswer {
  next_batch: string;
  rooms?: {
    join?: Record<string, JoinedRoom>;
    leave?: Record<string, JoinedRoom>;
    invite?: Record<string, { invite_state: { events: ClientEvent[] } }>;
    knock?: Record<string, { knock_state: { events: ClientEvent[] } }>;
  };
  presence?: { events: { type: string; sender: string; content: Record<string, unknown> }[] };
  account_data?: { events: { type: string; content: Record<string, unknown> }[] };
  to_device?: { events: { type: string; sender: string; content: Record<string, unknown> }[] };
  device_lists?: { changed?: string[]; left?: string[] };
  device_one_time_keys_count?: Record<string, number>;
}

export interface Page {
  start?: string;
  end?: string;
  chunk: ClientEvent[];
  state?: ClientEvent[];
}

export function timelineOf(sync: SyncAnswer, roomId: string): ClientEvent[] {
  return sync.rooms?.join?.[roomId]?.timeline?.events ?? [];
}

/** State and timeline of a joined room together: where a state event is in an incremental sync is free. */
export function eventsOf(sync: SyncAnswer, roomId: string): ClientEvent[] {
  return [...(sync.rooms?.join?.[roomId]?.state?.events ?? []), ...timelineOf(sync, roomId)];
}

export function memberEventOf(
  events: readonly ClientEvent[],
  userId: string,
  membership: string,
): ClientEvent | undefined {
  return events.find(
    (event) =>
      event.type === 'm.room.member' && event.state_key === userId && event.content.membership === membership,
  );
}

/** Whether a joined room of the answer has an event of that id in its timeline. */
export function hasEvent(roomId: string, eventId: string): (sync: SyncAnswer) => boolean {
  return (sync) => timelineOf(sync, roomId).some((event) => event.event_id === eventId);
}

export function isJoined(roomId: string): (sync: SyncAnswer) => boolean {
  return (sync) => sync.rooms?.join?.[roomId] !== undefined;
}

export function isInvited(roomId: string): (sync: SyncAnswer) => boolean {
  return (sync) => sync.rooms?.invite?.[roomId] !== undefined;
}

export function hasLeft(roomId: string): (sync: SyncAnswer) => boolean {
  return (sync) => sync.rooms?.leave?.[roomId] !== undefined;
}

export function hasPresence(userId: string, presence?: string): (sync: SyncAnswer) => boolean {
  return (sync) =>
    (sync.presence?.events ?? []).some(
      (event) => event.sender === userId && (presence === undefined || event.content.presence === presence),
    );
}
