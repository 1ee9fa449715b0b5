import type { JsonObject, JsonValue } from '../../../../../matrix/json.ts';
import { creator, type EventFields } from '../room.ts';

/** Events in few words, for the tables of cases. */

export const users = {
  creator,
  admin: '@admin:one',
  mod: '@mod:two',
  user: '@user:two',
  /** Not in the room. */
  guest: '@guest:three',
};
const { admin } = users;

export const usualLevels: JsonObject = { users: { [users.admin]: 100, [users.mod]: 50 } };

/** @param sender who sends it, if not the member */
export function member(
  target: string,
  membership: JsonValue,
  content: JsonObject = {},
  sender: string = target,
): EventFields {
  return { type: 'm.room.member', sender, state_key: target, content: { membership, ...content } };
}

export function levels(content: JsonObject, sender: string = admin): EventFields {
  return { type: 'm.room.power_levels', sender, state_key: '', content };
}

export function joinRule(rule: JsonValue, sender: string = admin): EventFields {
  return { type: 'm.room.join_rules', sender, state_key: '', content: { join_rule: rule } };
}

export function topic(sender: string): EventFields {
  return { type: 'm.room.topic', sender, state_key: '', content: { topic: 'words' } };
}

export function message(sender: string): EventFields {
  return { type: 'm.room.message', sender, content: { body: 'words' } };
}

export const memberships = ['none', 'invite', 'join', 'knock', 'leave', 'ban'] as const;
export const joinRules = ['public', 'invite', 'knock', 'restricted', 'knock_restricted', 'private', 'x'];

/** The state of somebody's membership; nothing for `none`. */
export function standing(user: string, membership: string): EventFields[] {
  return membership === 'none' ? [] : [member(user, membership)];
}
