import type { StrippedStateEvent } from '../../../matrix/events.ts';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';

/** What outsiders with an invite or a knock learn of a room: client-server API, "Stripped state". */
const strippedTypes = [
  'm.room.create',
  'm.room.join_rules',
  'm.room.canonical_alias',
  'm.room.name',
  'm.room.avatar',
  'm.room.topic',
  'm.room.encryption',
];

interface StateSource<Event> {
  get(type: string, stateKey: string): Event | undefined;
}

/**
 * The events themselves, create event first: federation sends them whole.
 * @param members whose member events belong to it: the one invited or knocking, and the inviter
 */
export function strippedStateEvents<Event>(state: StateSource<Event>, members: readonly UserId[]): Event[] {
  return [
    ...strippedTypes.map((type) => state.get(type, '')),
    ...[...new Set(members)].map((userId) => state.get('m.room.member', userId)),
  ].filter((event) => event !== undefined);
}

/** The form that clients get: these four members and nothing else. */
export function strip(event: {
  type: string;
  state_key?: string;
  sender: UserId;
  content: JsonObject;
}): StrippedStateEvent {
  return { type: event.type, state_key: event.state_key ?? '', sender: event.sender, content: event.content };
}
