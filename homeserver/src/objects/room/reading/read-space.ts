import type { Denial } from '../../../../../matrix/errors.ts';
import { parseRoomId, type UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonValue } from '../../../../../matrix/json.ts';
import { strip } from '../../../protocol/stripped-state.ts';
import type { StoredEvent } from '../../../storage/room/events.ts';
import { stateOfType } from '../../../storage/room/state-of-type.ts';
import type { SpaceChild, SpaceView } from '../../room-rpc.ts';
import type { Room } from '../room.ts';
import { readPreview } from './preview.ts';

/** Client-server API, "Ordering of children within a space". */
const orderPattern = /^[\x20-\x7e]{1,50}$/;

/** The room as a hierarchy shows it. Only a space has children. Denied as `readPreview` denies. */
export function readSpace(room: Room, userId: UserId, suggestedOnly: boolean): SpaceView | Denial {
  const preview = readPreview(room, userId);
  if (preview.kind === 'denied') return preview;
  // What the banned may see is what all the world may read.
  const isOpen = preview.isOpen && (preview.membership !== 'ban' || preview.worldReadable);
  const children = preview.roomType === 'm.space' ? childrenOf(room, suggestedOnly) : [];
  return { kind: 'space', preview: { ...preview, isOpen }, children };
}

function childrenOf(room: Room, suggestedOnly: boolean): SpaceChild[] {
  return stateOfType(room.sqlite, 'm.space.child')
    .filter(isChild)
    .filter(({ pdu }) => !suggestedOnly || pdu.content.suggested === true)
    .sort(byOrder)
    .map(({ pdu, originServerTs }) => ({ ...strip(pdu), origin_server_ts: originServerTs }));
}

/** Without servers to find it by, which is also what redaction leaves, a room is no child any more. */
function isChild({ stateKey, pdu }: StoredEvent): boolean {
  const { via } = pdu.content;
  const isNamed = parseRoomId(stateKey ?? '') !== undefined;
  return isNamed && Array.isArray(via) && via.some((server) => typeof server === 'string');
}

function byOrder(one: StoredEvent, other: StoredEvent): number {
  const [left, right] = [orderOf(one.pdu.content.order), orderOf(other.pdu.content.order)];
  if (left !== right) {
    if (left === undefined) return 1;
    if (right === undefined) return -1;
    return left < right ? -1 : 1;
  }
  if (one.originServerTs !== other.originServerTs) return one.originServerTs - other.originServerTs;
  return (one.stateKey ?? '') < (other.stateKey ?? '') ? -1 : 1;
}

function orderOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && orderPattern.test(value) ? value : undefined;
}
