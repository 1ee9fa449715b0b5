import { parseEventId } from '../../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../../matrix/json.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { eventById } from '../../../storage/room/events.ts';
import { findPurged } from '../../../storage/room/purged-events.ts';
import { maxRelationDepth, type Relation } from '../../../storage/room/relations.ts';
import type { Room } from '../room.ts';

/** What an event relates to, what that relates to, and so on. To what was purged nothing relates any more. */
export function ancestorsOf(room: Room, pdu: Pdu): Relation[] {
  const ancestors: Relation[] = [];
  let relation = relationOf(pdu);
  while (relation && ancestors.length < maxRelationDepth) {
    const target = eventById(room.sqlite, relation.targetId);
    if (!target && findPurged(room.sqlite, relation.targetId)) break;
    ancestors.push(relation);
    relation = target && relationOf(target.pdu);
  }
  return ancestors;
}

function relationOf({ content, state_key }: Pdu): Relation | undefined {
  const relation = content['m.relates_to'];
  if (!isJsonObject(relation) || state_key !== undefined) return undefined;
  const { event_id: targetId, rel_type: relType } = relation;
  const target = typeof targetId === 'string' ? parseEventId(targetId) : undefined;
  return target && typeof relType === 'string' ? { targetId: target, relType } : undefined;
}
