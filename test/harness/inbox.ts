import type { MatrixClient, Room } from 'matrix-js-sdk';
import { timelineTexts } from './matrix-client.ts';

/** What a client's room list shows, as text: spaces with their rooms, newest message last. */
export function renderInbox(client: MatrixClient): string {
  const rooms = client.getRooms();
  const spaces = rooms.filter((room) => room.isSpaceRoom());
  const inSpace = new Set<string>();
  const lines: string[] = [];
  for (const space of spaces) {
    lines.push(`▾ ${space.name}`);
    for (const child of childrenOf(client, space)) {
      inSpace.add(child.roomId);
      lines.push(...renderRoom(child, '    '));
    }
  }
  const others = rooms.filter((room) => !room.isSpaceRoom() && !inSpace.has(room.roomId));
  for (const room of others) lines.push(...renderRoom(room, ''));
  return lines.join('\n');
}

function childrenOf(client: MatrixClient, space: Room): Room[] {
  const events = space.currentState.getStateEvents('m.space.child');
  return events
    .filter((event) => Array.isArray(event.getContent().via))
    .flatMap((event) => client.getRoom(event.getStateKey()) ?? []);
}

function renderRoom(room: Room, indent: string): string[] {
  const lines = [`${indent}• ${room.name}`];
  for (const event of room.getLiveTimeline().getEvents()) {
    if (event.getType() !== 'm.room.message' || event.isRelation('m.replace')) continue;
    const sender = room.getMember(event.getSender() ?? '')?.name ?? event.getSender();
    const text = event.isRedacted() ? '(deleted)' : String(event.getContent().body);
    lines.push(`${indent}    ${sender}: ${text}${renderReactions(room, event.getId() ?? '')}`);
  }
  return lines;
}

function renderReactions(room: Room, eventId: string): string {
  const relations = room.relations.getChildEventsForEvent(eventId, 'm.annotation', 'm.reaction');
  const keys = (relations?.getSortedAnnotationsByKey() ?? []).map(([key, events]) => `${key} ${events.size}`);
  return keys.length > 0 ? `   [${keys.join(', ')}]` : '';
}

/** Whether a room's timeline has these texts, in this order, with anything between. */
export function hasTexts(client: MatrixClient, roomId: string, texts: string[]): boolean {
  const shown = timelineTexts(client, roomId);
  let from = 0;
  for (const text of texts) {
    const at = shown.indexOf(text, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}
