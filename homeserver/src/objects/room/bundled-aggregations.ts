import type { ClientEvent } from '../../../../matrix/events.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { eventAt, type StoredEvent } from '../../storage/room/events.ts';
import {
  hasRelationBy,
  newestEdit,
  referencingEvents,
  relatedTargets,
  relationTotals,
} from '../../storage/room/relations.ts';
import type { Room } from './room.ts';
import type { Viewing } from './serve-event.ts';

const maxReferences = 100;

/**
 * `unsigned["m.relations"]` by event id: client-server API, "Aggregations of child events".
 * @param serve how the events inside the bundle are served
 */
export function bundledAggregations(
  room: Room,
  events: readonly StoredEvent[],
  viewing: Viewing,
  serve: (event: StoredEvent, relations?: JsonObject) => ClientEvent,
): Map<string, JsonObject> {
  const bundles = new Map<string, JsonObject>();
  const targets = relatedTargets(
    room.sqlite,
    events.map((event) => event.eventId),
  );
  for (const event of events) {
    if (!targets.has(event.eventId) || event.stateKey !== undefined) continue;
    const bundle = {
      ...editOf(room, event, serve),
      ...threadOf(room, event, viewing, serve),
      ...referencesOf(room, event),
    };
    if (Object.keys(bundle).length > 0) bundles.set(event.eventId, bundle);
  }
  return bundles;
}

function editOf(room: Room, event: StoredEvent, serve: (event: StoredEvent) => ClientEvent): JsonObject {
  const edit = event.redactedBy ? undefined : newestEdit(room.sqlite, event);
  return edit ? { 'm.replace': asJson(serve(edit)) } : {};
}

function threadOf(
  room: Room,
  root: StoredEvent,
  viewing: Viewing,
  serve: (event: StoredEvent, relations?: JsonObject) => ClientEvent,
): JsonObject {
  const totals = relationTotals(room.sqlite, root.eventId, 'm.thread');
  const latest = totals && eventAt(room.sqlite, totals.newest);
  if (!latest) return {};
  const { userId } = viewing;
  const participated =
    userId !== undefined &&
    (root.sender === userId || hasRelationBy(room.sqlite, root.eventId, 'm.thread', userId));
  const edit = editOf(room, latest, serve);
  return {
    'm.thread': {
      latest_event: asJson(serve(latest, Object.keys(edit).length > 0 ? edit : undefined)),
      count: totals.count,
      current_user_participated: participated,
    },
  };
}

function referencesOf(room: Room, event: StoredEvent): JsonObject {
  const references = referencingEvents(room.sqlite, event.eventId, maxReferences);
  if (references.length === 0) return {};
  return { 'm.reference': { chunk: references.map((eventId) => ({ event_id: eventId })) } };
}

/** A client event is a JSON object by construction; its declared type has no index signature. */
function asJson(event: ClientEvent): JsonObject {
  return { ...event };
}
