import { type Denial, denial, duplicateAnnotation } from '../../../../../matrix/errors.ts';
import { isJsonObject } from '../../../../../matrix/json.ts';
import { hasAnnotated } from '../../../storage/room/relations.ts';
import type { AppendInput } from '../../room-rpc.ts';
import type { Room } from '../room.ts';

/**
 * Client-server API, "Avoiding duplicate annotations": the same user annotates an event with the same key once. Of
 * those that are encrypted the key is not known.
 */
export function annotationRefusal(
  room: Room,
  { sender, type, stateKey, content }: AppendInput,
): Denial | undefined {
  const relation = content['m.relates_to'];
  if (!isJsonObject(relation) || relation.rel_type !== 'm.annotation' || stateKey !== undefined)
    return undefined;
  const { event_id: targetId, key } = relation;
  if (typeof targetId !== 'string' || typeof key !== 'string') return undefined;
  return hasAnnotated(room.sqlite, targetId, { sender, type, key })
    ? denial(duplicateAnnotation())
    : undefined;
}
