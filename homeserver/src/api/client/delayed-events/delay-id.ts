import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import { notFound } from '../../../../../matrix/errors.ts';
import { parseRoomId, type RoomId } from '../../../../../matrix/identifiers.ts';
import { randomName } from '../../../../../platform/random-name.ts';
import type { Config } from '../../../config.ts';
import type { AppendInput } from '../../../objects/room-rpc.ts';

/**
 * Who knows the id of a delayed event may manage it, without an access token: so nobody can guess it. It names the room
 * that has the event, and is the same for a request that is repeated.
 */
export function makeDelayId({ macKey }: Config, roomId: RoomId, event: AppendInput): string {
  const room = Buffer.from(roomId).toString('base64url');
  return `${secretPart(macKey, roomId, event)}.${room}`;
}

function secretPart(macKey: string, roomId: RoomId, { sender, type, transaction }: AppendInput): string {
  if (!transaction) return randomName();
  const request = JSON.stringify([roomId, sender, type, transaction.deviceId, transaction.txnId]);
  return createHmac('sha256', macKey)
    .update(`delay ${request}`)
    .digest()
    .subarray(0, 18)
    .toString('base64url');
}

/** @throws `M_NOT_FOUND` */
export function roomOfDelayId(delayId: string): RoomId {
  const [, room = ''] = delayId.split('.');
  const roomId = parseRoomId(Buffer.from(room, 'base64url').toString());
  if (!roomId) throw notFound('No such delayed event');
  return roomId;
}
