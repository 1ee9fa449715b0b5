import { eventIdOf } from '../event-hash.ts';
import { type Pdu, prevEventIds } from '../pdu.ts';
import { namedLevel, userPower } from '../power-levels.ts';
import type { RoomVersion } from '../room-versions.ts';
import { joinRuleOf, membershipOf } from './membership.ts';
import { authorizeThirdPartyInvite } from './third-party-invite.ts';
import { type AuthState, allowed, denied, type Verdict } from './verdict.ts';

/** Rule 5. */
export function authorizeMember(event: Pdu, create: Pdu, state: AuthState, version: RoomVersion): Verdict {
  const target = event.state_key;
  const { membership } = event.content;
  if (target === undefined || membership === undefined) return denied('5.1', 'no state key or membership');
  // Not in the rules, but everywhere on the network: others want the server of a user.
  if (!target.includes(':')) return denied('5.1', 'the state key is no user');
  switch (membership) {
    case 'join':
      return authorizeJoin(event, target, create, state, version);
    case 'invite':
      return authorizeInvite(event, target, state, version);
    case 'leave':
      return authorizeLeave(event, target, state, version);
    case 'ban':
      return authorizeBan(event, target, state, version);
    case 'knock':
      if (version.knocking) return authorizeKnock(event, target, state, version);
      return denied('5.8', 'this room version has no knocking');
    default:
      return denied('5.8', 'unknown membership');
  }
}

/** Rule 5.3. */
function authorizeJoin(
  event: Pdu,
  target: string,
  create: Pdu,
  state: AuthState,
  version: RoomVersion,
): Verdict {
  const mayBeFirst = target === creatorAlone(create, version);
  const [previous, ...others] = prevEventIds(event);
  if (mayBeFirst && others.length === 0 && previous === eventIdOf(create, version)) return allowed;
  if (event.sender !== target) return denied('5.3.2', 'nobody joins for another');
  const current = membershipOf(target, state);
  if (current === 'ban') return denied('5.3.3', 'the user is banned');
  const isLetIn = current === 'invite' || current === 'join';
  const joinRule = joinRuleOf(state);
  if (joinRule === 'invite' || (joinRule === 'knock' && version.knocking)) {
    return isLetIn ? allowed : denied('5.3.4', 'the user is not invited');
  }
  if (isRestricted(joinRule, version)) {
    if (isLetIn || mayInvite(event.content.join_authorised_via_users_server, state, version)) return allowed;
    return denied('5.3.5.2', 'nobody who may invite has authorised the join');
  }
  return joinRule === 'public' ? allowed : denied('5.3.7', 'the join rule lets nobody in');
}

/** The creator of rule 5.3.1; additional creators join as others do. */
function creatorAlone(create: Pdu, version: RoomVersion): unknown {
  return version.creator === 'sender' ? create.sender : create.content.creator;
}

function isRestricted(joinRule: unknown, version: RoomVersion): boolean {
  if (joinRule === 'restricted') return version.restrictedJoins;
  return joinRule === 'knock_restricted' && version.knockRestrictedJoins;
}

function mayInvite(userId: unknown, state: AuthState, version: RoomVersion): boolean {
  return (
    typeof userId === 'string' &&
    membershipOf(userId, state) === 'join' &&
    userPower(userId, state, version) >= namedLevel('invite', state, version)
  );
}

/** Rule 5.4. */
function authorizeInvite(event: Pdu, target: string, state: AuthState, version: RoomVersion): Verdict {
  if (event.content.third_party_invite !== undefined) {
    return authorizeThirdPartyInvite(event, target, state);
  }
  if (membershipOf(event.sender, state) !== 'join') return denied('5.4.2', 'the sender is not in the room');
  const current = membershipOf(target, state);
  if (current === 'join' || current === 'ban') return denied('5.4.3', 'the user is in the room, or banned');
  return userPower(event.sender, state, version) >= namedLevel('invite', state, version)
    ? allowed
    : denied('5.4.5', 'the sender may not invite');
}

/** Rule 5.5. */
function authorizeLeave(event: Pdu, target: string, state: AuthState, version: RoomVersion): Verdict {
  const current = membershipOf(target, state);
  if (event.sender === target) {
    const mayLeave = current === 'invite' || current === 'join' || (current === 'knock' && version.knocking);
    return mayLeave ? allowed : denied('5.5.1', 'the user is not in the room');
  }
  if (membershipOf(event.sender, state) !== 'join') return denied('5.5.2', 'the sender is not in the room');
  const senderPower = userPower(event.sender, state, version);
  if (current === 'ban' && senderPower < namedLevel('ban', state, version)) {
    return denied('5.5.3', 'the sender may not unban');
  }
  const mayKick =
    senderPower >= namedLevel('kick', state, version) && userPower(target, state, version) < senderPower;
  return mayKick ? allowed : denied('5.5.5', 'the sender may not remove the user');
}

/** Rule 5.6. */
function authorizeBan(event: Pdu, target: string, state: AuthState, version: RoomVersion): Verdict {
  if (membershipOf(event.sender, state) !== 'join') return denied('5.6.1', 'the sender is not in the room');
  const senderPower = userPower(event.sender, state, version);
  const mayBan =
    senderPower >= namedLevel('ban', state, version) && userPower(target, state, version) < senderPower;
  return mayBan ? allowed : denied('5.6.3', 'the sender may not ban the user');
}

/** Rule 5.7. */
function authorizeKnock(event: Pdu, target: string, state: AuthState, version: RoomVersion): Verdict {
  const joinRule = joinRuleOf(state);
  if (joinRule !== 'knock' && !(joinRule === 'knock_restricted' && version.knockRestrictedJoins)) {
    return denied('5.7.1', 'the room takes no knocks');
  }
  if (event.sender !== target) return denied('5.7.2', 'nobody knocks for another');
  const current = membershipOf(target, state);
  return current === 'ban' || current === 'invite' || current === 'join'
    ? denied('5.7.4', 'the user is banned, invited or in the room')
    : allowed;
}
