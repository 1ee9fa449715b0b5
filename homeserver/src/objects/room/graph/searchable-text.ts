import type { Pdu } from '../../../protocol/pdu.ts';
import type { StoredEvent } from '../../../storage/room/events.ts';
import { indexText, type SearchKey } from '../../../storage/room/search-index.ts';
import { hasState } from '../../../storage/room/state.ts';
import type { Room } from '../room.ts';

/** By type: the member of the content that can be found. */
const keys: Record<string, SearchKey> = {
  'm.room.message': 'body',
  'm.room.name': 'name',
  'm.room.topic': 'topic',
};

/** Makes an event of the timeline findable. In an encrypted room nothing is: what is worth finding is not readable. */
export function indexEvent(room: Room, { pdu, position }: Pick<StoredEvent, 'pdu' | 'position'>): void {
  const key = searchKeyOf(pdu);
  const text = key && pdu.content[key];
  if (!key || typeof text !== 'string' || text === '') return;
  if (hasState(room.sqlite, 'm.room.encryption', '')) return;
  indexText(room.sqlite, position, key, text);
}

function searchKeyOf({ type, state_key }: Pdu): SearchKey | undefined {
  const isState = type !== 'm.room.message';
  return (state_key === '') === isState && (isState || state_key === undefined) ? keys[type] : undefined;
}
