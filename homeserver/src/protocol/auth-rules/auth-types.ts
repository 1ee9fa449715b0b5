import { isJsonObject } from '../../../../matrix/json.ts';
import type { Pdu } from '../pdu.ts';
import type { RoomVersion } from '../room-versions.ts';

/**
 * Server-server API, "Auth events selection": the keys of the state whose events, where present, are an
 * event's `auth_events`.
 */
export function authTypesFor(
  event: Pick<Pdu, 'type' | 'sender' | 'content'> & { state_key?: string | undefined },
  version: RoomVersion,
): [type: string, stateKey: string][] {
  if (event.type === 'm.room.create') return [];
  const keys: [string, string][] = [
    ['m.room.power_levels', ''],
    ['m.room.member', event.sender],
  ];
  // Where the room is named by its create event, the room id says it already.
  if (version.roomIds === 'domain') keys.unshift(['m.room.create', '']);
  if (event.type !== 'm.room.member' || event.state_key === undefined) return keys;

  if (event.state_key !== event.sender) keys.push(['m.room.member', event.state_key]);
  const { membership, third_party_invite: invite, join_authorised_via_users_server: via } = event.content;
  if (membership === 'join' || membership === 'invite' || membership === 'knock') {
    keys.push(['m.room.join_rules', '']);
  }
  if (membership === 'invite' && isJsonObject(invite) && isJsonObject(invite.signed)) {
    const { token } = invite.signed;
    if (typeof token === 'string') keys.push(['m.room.third_party_invite', token]);
  }
  if (membership === 'join' && version.restrictedJoins && typeof via === 'string') {
    const isListed = keys.some(([type, stateKey]) => type === 'm.room.member' && stateKey === via);
    if (!isListed) keys.push(['m.room.member', via]);
  }
  return keys;
}
