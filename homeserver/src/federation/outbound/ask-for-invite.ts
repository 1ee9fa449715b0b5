import { type MatrixError, unknown } from '../../../../matrix/errors.ts';
import type { RoomId, ServerName } from '../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import type { DraftedInvite } from '../../objects/room-serving-rpc.ts';
import type { Pdu } from '../../protocol/pdu.ts';
import { roomVersion } from '../../protocol/room-versions.ts';
import { request } from '../federation-client.ts';
import type { FederationParts } from '../federation-parts.ts';
import { soundEvents } from '../inbound/sound-events.ts';
import { refusal, unreachable } from './ask-membership.ts';

const timeoutMs = 30_000;
const maxBytes = 256 * 1024;

/**
 * Server-server API, `PUT /invite/{roomId}/{eventId}` (v2, which every server has).
 * @returns the event with the invitee's server's signature too, or why not
 */
export async function askForInvite(
  { env }: FederationParts,
  server: ServerName,
  roomId: RoomId,
  { pdu, eventId, roomVersion: versionId, strippedState }: DraftedInvite,
): Promise<{ pdu: Pdu } | MatrixError> {
  const version = roomVersion(versionId);
  const answer = await request(env, server, {
    method: 'PUT',
    path: `/_matrix/federation/v2/invite/${encodeURIComponent(roomId)}/${encodeURIComponent(eventId)}`,
    body: { room_version: versionId, event: pdu, invite_room_state: strippedState },
    timeoutMs,
    maxBytes,
  });
  if (answer.kind === 'failed') return unreachable(server, answer);
  const { status, json, problems } = answer;
  if (status !== 200) return refusal(status, json);
  const value = isJsonObject(json) ? json.event : undefined;
  if (!version || !isJsonObject(value)) return unknown(`${server} answered without the event`, 502);
  const { sound } = await soundEvents(env, version, roomId, [{ value, problems }]);
  const [event] = sound;
  return event?.eventId === eventId
    ? { pdu: event.pdu }
    : unknown(`${server} answered with another event`, 502);
}
