import type { ClientEvent } from '../../../../../matrix/events.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import { eventAt, eventById, type Range, type StoredEvent } from '../../../storage/room/events.ts';
import {
  hasRelation,
  newestEdit,
  referencingEvents,
  relatedTargets,
  threadTotals,
} from '../../../storage/room/relations.ts';
import type { Room } from '../room.ts';
import { maySeeAtPlace } from './reader-rights.ts';
import type { Viewing } from './serve-event.ts';

const maxReferences = 100;

/** For application services, which see everything. */
const everything: readonly Range[] = [{ after: 0, upTo: Number.MAX_SAFE_INTEGER }];

/**
 * `unsigned["m.relations"]` by event id: client-server API, "Aggregations of child events". Child events that
 * the viewer may not read are as if they did not exist.
 * @param serve how the events inside the bundle are served
 */
export function bundledAggregations(
  room: Room,
  events: readonly StoredEvent[],
  viewing: Viewing,
  serve: (event: StoredEvent, relations?: JsonObject) => ClientEvent,
): Map<string, JsonObject> {
  const bundles = new Map<string, JsonObject>();
  const ids = events.map((event) => event.eventId);
  const targets = room.sqlite.untilWritten('related targets', ids.join(), () =>
    relatedTargets(room.sqlite, ids),
  );
  if (targets.size === 0) return bundles;
  const ranges = viewing.ranges?.() ?? everything;
  for (const event of events) {
    if (!targets.has(event.eventId) || event.stateKey !== undefined) continue;
    const bundle = {
      ...editOf(room, event, viewing.userId, ranges, serve),
      ...threadOf(room, event, viewing.userId, ranges, serve),
      ...referencesOf(room, event, viewing.userId, ranges),
    };
    if (Object.keys(bundle).length > 0) bundles.set(event.eventId, bundle);
  }
  return bundles;
}

function editOf(
  room: Room,
  event: StoredEvent,
  userId: UserId | undefined,
  ranges: readonly Range[],
  serve: (event: StoredEvent) => ClientEvent,
): JsonObject {
  const mayBeEdited = !event.redactedBy && !isEdit(event);
  const edit = mayBeEdited ? newestEdit(room.sqlite, event, ranges) : undefined;
  return edit && isVisible(room, userId, edit) ? { 'm.replace': asJson(serve(edit)) } : {};
}

/** Services see everything. */
function isVisible(room: Room, userId: UserId | undefined, event: StoredEvent): boolean {
  return userId === undefined || maySeeAtPlace(room, userId, event);
}

function isEdit({ pdu }: StoredEvent): boolean {
  const relation = pdu.content['m.relates_to'];
  return isJsonObject(relation) && relation.rel_type === 'm.replace';
}

function threadOf(
  room: Room,
  root: StoredEvent,
  userId: UserId | undefined,
  ranges: readonly Range[],
  serve: (event: StoredEvent, relations?: JsonObject) => ClientEvent,
): JsonObject {
  const totals = threadTotals(room.sqlite, root, ranges);
  const latest = totals && eventAt(room.sqlite, totals.latest);
  if (!latest || !isVisible(room, userId, latest)) return {};
  const participated =
    userId !== undefined &&
    (root.sender === userId || hasRelation(room.sqlite, root.eventId, 'm.thread', ranges, userId));
  const edit = editOf(room, latest, userId, ranges, serve);
  return {
    'm.thread': {
      latest_event: asJson(serve(latest, Object.keys(edit).length > 0 ? edit : undefined)),
      count: totals.count,
      current_user_participated: participated,
    },
  };
}

function referencesOf(
  room: Room,
  event: StoredEvent,
  userId: UserId | undefined,
  ranges: readonly Range[],
): JsonObject {
  const references = referencingEvents(room.sqlite, event.eventId, ranges, maxReferences).filter(
    (eventId) => {
      const reference = eventById(room.sqlite, eventId);
      return reference !== undefined && isVisible(room, userId, reference);
    },
  );
  if (references.length === 0) return {};
  return { 'm.reference': { chunk: references.map((eventId) => ({ event_id: eventId })) } };
}

/** A client event is a JSON object by construction; its declared type has no index signature. */
function asJson(event: ClientEvent): JsonObject {
  return { ...event };
}
