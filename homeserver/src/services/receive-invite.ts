import {
  badJson,
  forbidden,
  incompatibleRoomVersion,
  invalidParam,
  inviteBlocked,
  notFound,
} from '../../../matrix/errors.ts';
import {
  type EventId,
  parseUserId,
  type RoomId,
  type ServerName,
  serverNameOf,
} from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../matrix/json.ts';
import type { JsonProblem } from '../../../matrix/strict-json.ts';
import { openD1 } from '../../../platform/d1.ts';
import type { FederationParts } from '../federation/federation-parts.ts';
import { soundEvents } from '../federation/inbound/sound-events.ts';
import { outsiderDelta, readStrippedState } from '../federation/outsider-delta.ts';
import type { Pdu } from '../protocol/pdu.ts';
import { type RoomVersion, roomVersion } from '../protocol/room-versions.ts';
import { signPdu } from '../protocol/signatures.ts';
import { requireUnblocked } from './blocked-rooms.ts';
import { existingUsers } from './local-accounts.ts';

export interface ReceivedInvite {
  origin: ServerName;
  roomId: RoomId;
  eventId: EventId;
  roomVersion: string;
  event: JsonValue | undefined;
  problems: JsonProblem[];
  strippedState: JsonValue | undefined;
}

/**
 * An invitation of one of our users to a room of other servers: server-server API, "Inviting to a room". The user is
 * told, and the event is signed.
 * @throws MatrixError; then the user hears nothing
 */
export async function receiveInvite(parts: FederationParts, invite: ReceivedInvite): Promise<JsonObject> {
  const { env, config, stubs } = parts;
  const version = roomVersion(invite.roomVersion);
  if (!version) throw incompatibleRoomVersion(invite.roomVersion);
  const pdu = await invitation(parts, version, invite);
  const invitee = parseUserId(pdu.state_key ?? '');
  if (!invitee || serverNameOf(invitee) !== config.serverName)
    throw invalidParam('The invitee is none of ours');
  const db = openD1(env.DB, config.meter);
  if (!(await existingUsers(db, config, [invitee])).has(invitee)) throw notFound('There is no such user');
  await requireUnblocked(db, invite.roomId);
  if ((await stubs.user(invitee).invitePermission(pdu.sender)) === 'block') throw inviteBlocked();
  const signed = signPdu(pdu, version, config.serverName, config.signingKey);
  // A room that is here hears of the invitation as of any event.
  const room = stubs.room(invite.roomId);
  const isHere = (await room.localMembers()).length > 0;
  if (isHere) await room.receive({ origin: invite.origin, pdus: [{ ...signed }], refusedByPolicy: [] });
  else await stubs.user(invitee).applyRoomDelta(delta(invite, pdu));
  return { ...signed };
}

async function invitation(
  { env }: FederationParts,
  version: RoomVersion,
  { origin, roomId, eventId, event, problems }: ReceivedInvite,
): Promise<Pdu> {
  if (!isJsonObject(event)) throw badJson('event is no object');
  const { sound, refused } = await soundEvents(env, version, roomId, [{ value: event, problems }]);
  const [found] = sound;
  if (!found) throw badJson([...refused.values()][0] ?? 'The event is malformed');
  const { pdu } = found;
  if (found.eventId !== eventId) throw badJson('The event has another id than the path');
  if (pdu.type !== 'm.room.member' || pdu.content.membership !== 'invite')
    throw badJson('It is no invitation');
  if (serverNameOf(pdu.sender) !== origin) throw forbidden('The sender is of another server');
  return pdu;
}

/** The invitation itself belongs to what the invitee learns, whatever was sent with it. */
function delta({ roomId, eventId, roomVersion: versionId, strippedState }: ReceivedInvite, pdu: Pdu) {
  const others = readStrippedState(strippedState).filter(
    ({ type, state_key }) => type !== 'm.room.member' || state_key !== pdu.state_key,
  );
  const own = { type: pdu.type, state_key: pdu.state_key ?? '', sender: pdu.sender, content: pdu.content };
  return outsiderDelta({
    roomId,
    roomVersion: versionId,
    membership: 'invite',
    strippedState: [...others, own],
    inviteEventId: eventId,
  });
}
