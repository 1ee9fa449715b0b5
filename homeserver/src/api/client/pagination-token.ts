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
  const match = /^p([0-9]{1,15})$/.exec(token);
  if (match) return Number(match[1]);
  const position = await stubs.user(requester.userId).roomPositionAt(roomId, token);
  if (position === undefined) throw invalidParam('Unknown pagination token');
  return position;
}
