import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { PushedEvent } from '../../protocol/push-rules/push-notification.ts';
import type { PushRow } from '../../storage/user-sync/pushes.ts';
import { eventAt } from '../../storage/user-sync/ring.ts';
import { findState } from '../../storage/user-sync/room-state.ts';
import type { RoomRow } from '../../storage/user-sync/rooms.ts';
import type { UserContext } from './user-context.ts';

type Shown = NonNullable<PushedEvent['shown']>;

/** What a notification shows of its event and room, as they are now: a redacted event is empty. */
export function pushedEvent(user: UserContext, room: RoomRow, push: PushRow, idsOnly: boolean): PushedEvent {
  const { eventId, roomId } = push;
  const ids = { eventId, roomId, high: push.high === 1, tweaks: JSON.parse(push.tweaks) as JsonObject };
  const shown = idsOnly
    ? undefined
    : push.roomPosition === 0
      ? invitation(user, room)
      : message(user, room, push);
  return { ...ids, ...(shown && { shown }) };
}

function message(user: UserContext, room: RoomRow, push: PushRow): Shown | undefined {
  const event = eventAt(user.sqlite, room.roomId, push.roomPosition);
  if (!event) return undefined;
  const state = (type: string, stateKey: string) =>
    findState(user.sqlite, room.roomId, type, stateKey)?.event.content;
  const nameOf = (userId: string) => text(state('m.room.member', userId)?.displayname) ?? userId;
  const others = room.heroes.map(nameOf).join(', ');
  const alias = text(state('m.room.canonical_alias', '')?.alias);
  return {
    type: event.type,
    sender: event.sender,
    content: event.content,
    isAboutUser: event.type === 'm.room.member' && event.state_key === user.userId,
    ...named('senderName', nameOf(event.sender)),
    ...named('roomName', text(state('m.room.name', '')?.name) ?? alias ?? text(others)),
    ...named('roomAlias', alias),
  };
}

function invitation(user: UserContext, room: RoomRow): Shown | undefined {
  const state = (type: string, stateKey: string) =>
    room.strippedState?.find((event) => event.type === type && event.state_key === stateKey);
  const own = state('m.room.member', user.userId);
  if (!own || !isJsonObject(own.content)) return undefined;
  const alias = text(state('m.room.canonical_alias', '')?.content.alias);
  return {
    type: own.type,
    sender: own.sender,
    content: own.content,
    isAboutUser: true,
    ...named('senderName', text(state('m.room.member', own.sender)?.content.displayname) ?? own.sender),
    ...named('roomName', text(state('m.room.name', '')?.content.name) ?? alias),
    ...named('roomAlias', alias),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function named<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: string });
}
