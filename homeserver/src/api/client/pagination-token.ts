import { invalidParam } from '../../../../matrix/errors.ts';
import type { RoomId } from '../../../../matrix/identifiers.ts';
import type { Stubs } from '../../objects/stubs.ts';
import type { Requester } from '../endpoint.ts';

/** The gap behind an event, as a token: `p<position>`. */
export function positionToken(position: number): string {
  return `p${position}`;
}

/** Reads our own tokens and those of `/sync`. @throws `M_INVALID_PARAM` */
export async function positionOfToken(
  stubs: Stubs,
  requester: Requester,
  roomId: RoomId,
  token: string,
): Promise<number> {
  const named = Number(/^p([0-9]{1,16})$/.exec(token)?.[1]);
  if (Number.isSafeInteger(named)) return named;
  const position = await stubs.user(requester.userId).roomPositionAt(roomId, token);
  if (position === undefined) throw invalidParam('Unknown pagination token');
  return position;
}
