import type { JsonValue } from '../../../../../matrix/json.ts';
import type { EventFields } from '../room.ts';
import { joinRule, joinRules, levels, member, memberships, standing, users, usualLevels } from './events.ts';
import type { VerdictCase } from './verdict-case.ts';

const { creator, admin, mod, user, guest } = users;
const usualUsers = { [admin]: 100, [mod]: 50 };

const malformed: VerdictCase[] = [
  {
    name: '5.1 no state key',
    event: { type: 'm.room.member', sender: user, content: { membership: 'join' } },
  },
  { name: '5.1 no membership', event: { ...member(user, 'join'), content: {} } },
  { name: '5.8 membership null', event: member(user, null) },
  { name: '5.8 membership of a number', event: member(user, 5) },
  { name: '5.8 membership of an object', event: member(user, {}) },
  { name: '5.8 unknown membership', event: member(user, 'x') },
  { name: '5.8 unknown membership, not in the room', event: member(guest, 'x') },
  { name: '5.8 unknown membership of another', event: member(user, 'x', {}, admin) },
  { name: '5 state key of no user', state: [joinRule('public')], event: member('guest', 'join', {}, guest) },
  { name: '5 invite to no user', event: member('x', 'invite', {}, admin) },
  { name: '5 ban of no user', event: member('x', 'ban', {}, admin) },
  { name: '5 leave of no user', event: member('x', 'leave', {}, admin) },
  { name: '5 invite to a state key with a server', event: member('x:one', 'invite', {}, admin) },
  { name: '5 invite to an empty state key', event: member('', 'invite', {}, admin) },
];

const own: VerdictCase[] = memberships.flatMap((membership) =>
  ['leave', 'ban', 'invite'].map((next) => ({
    name: `5 own ${next}: membership ${membership}`,
    state: standing(guest, membership),
    event: member(guest, next),
  })),
);

/** Invite, removal or unban, and ban, by those above, beside and below, of members of every standing. */
const ofOthers: VerdictCase[] = ['invite', 'leave', 'ban'].flatMap((next) =>
  [creator, admin, mod, user, '@stranger:one'].flatMap((sender) =>
    memberships.map((membership) => ({
      name: `5 ${next} by ${sender}: membership ${membership}`,
      state: standing(guest, membership),
      event: member(guest, next, {}, sender),
    })),
  ),
);

const pairs: [string, string][] = [
  [admin, mod],
  [mod, admin],
  [mod, '@mod2:one'],
  [admin, creator],
  [creator, admin],
  [mod, user],
];

const betweenMembers: VerdictCase[] = ['leave', 'ban', 'invite'].flatMap((next) =>
  pairs.map(([sender, target]) => ({
    name: `5 ${next} by ${sender} of ${target}`,
    state: [levels({ users: { ...usualUsers, '@mod2:one': 50 } }), member('@mod2:one', 'join')],
    event: member(target, next, {}, sender),
  })),
);

/** Who sends, and the named levels that are not the usual ones. */
const levelsNeeded: [string, string, Record<string, JsonValue>][] = [
  ['invite', user, { invite: 1 }],
  ['invite', mod, { invite: 50 }],
  ['invite', mod, { invite: 51 }],
  ['invite', user, { invite: -1, users_default: -1 }],
  ['invite', user, { users_default: -1 }],
  ['leave', user, { kick: 0 }],
  ['leave', user, { kick: 0, users: { ...usualUsers, [user]: 1 } }],
  ['leave', mod, { kick: 51 }],
  ['leave', mod, { kick: 50, users_default: 49 }],
  ['leave', mod, { kick: 50, users_default: 50 }],
  ['leave', user, { users: { ...usualUsers, [user]: 49 } }],
  ['leave', user, { users: { ...usualUsers, [user]: 50 } }],
  ['ban', user, { users: { ...usualUsers, [user]: 49 } }],
  ['ban', user, { users: { ...usualUsers, [user]: 50 } }],
  ['ban', user, { ban: 0, users: { ...usualUsers, [user]: 1 } }],
  ['ban', mod, { ban: 51 }],
  ['ban', mod, { ban: 50, users: { ...usualUsers, [guest]: 49 } }],
  ['ban', mod, { ban: 50, users: { ...usualUsers, [guest]: 50 } }],
  ['ban', mod, { users: { [mod]: 50, [guest]: 51 } }],
];

const byLevels: VerdictCase[] = levelsNeeded.map(([next, sender, content]) => ({
  name: `5 ${next} by ${sender} under ${JSON.stringify(content)}`,
  state: [levels({ users: usualUsers, ...content }), ...(next === 'invite' ? [] : [member(guest, 'join')])],
  event: member(guest, next, {}, sender),
}));

const unbans: VerdictCase[] = [
  ['kick and ban', { kick: 0, ban: 0 }],
  ['only kick', { kick: 50, ban: 51 }],
  ['only ban', { kick: 51, ban: 50 }],
].map(([what, content]) => ({
  name: `5.5.3 unban by a moderator who may ${what}`,
  state: [levels({ users: usualUsers, ...(content as object) }), member(guest, 'ban')],
  event: member(guest, 'leave', {}, mod),
}));

/** Of a sender who is not in the room, whatever their power. */
const bySenders: VerdictCase[] = ['invite', 'leave', 'ban'].flatMap((next) =>
  memberships.map((membership) => ({
    name: `5 ${next} by an admin whose membership is ${membership}`,
    state: membership === 'none' ? [levels({ users: { '@boss:one': 100 } })] : [member(admin, membership)],
    event: member(guest, next, {}, membership === 'none' ? '@boss:one' : admin),
  })),
);

const knocks: VerdictCase[] = [...joinRules, 'none'].flatMap((rule) =>
  memberships.map((membership) => ({
    name: `5.7 knock: rule ${rule}, membership ${membership}`,
    ...(rule === 'none' ? { lacks: ['m.room.join_rules'] } : {}),
    state: [...standing(guest, membership), ...(rule === 'none' ? [] : [joinRule(rule)])],
    event: member(guest, 'knock'),
  })),
);

const afterKnocks: VerdictCase[] = ['knock', 'knock_restricted', 'invite'].flatMap((rule) => {
  const state: EventFields[] = [joinRule(rule), member(guest, 'knock')];
  return [
    { name: `5.5.1 taking back a knock: rule ${rule}`, state, event: member(guest, 'leave') },
    { name: `5.4 answering a knock: rule ${rule}`, state, event: member(guest, 'invite', {}, user) },
    { name: `5.5 refusing a knock: rule ${rule}`, state, event: member(guest, 'leave', {}, mod) },
    {
      name: `5.7.2 knock for another: rule ${rule}`,
      state: [joinRule(rule)],
      event: member(guest, 'knock', {}, admin),
    },
  ];
});

const closedRoom: VerdictCase[] = ['invite', 'leave', 'ban'].map((next) => ({
  name: `4 federate false: ${next} of a user of another server`,
  create: { 'm.federate': false },
  state: next === 'invite' ? [] : [member(guest, 'join')],
  event: member(guest, next, {}, admin),
}));

const noLevels: VerdictCase[] = ['invite', 'leave', 'ban'].flatMap((next) =>
  [creator, user].map((sender) => ({
    name: `5 ${next} by ${sender} without power levels`,
    lacks: ['m.room.power_levels'],
    state: next === 'invite' ? [] : [member(guest, 'join')],
    event: member(guest, next, {}, sender),
  })),
);

/** Rules 5.1 and 5.4–5.8, third-party invites apart. */
export const membershipTable: VerdictCase[] = [
  ...malformed,
  ...own,
  ...ofOthers,
  ...betweenMembers,
  ...byLevels,
  ...unbans,
  ...bySenders,
  ...knocks,
  ...afterKnocks,
  ...closedRoom,
  ...noLevels,
  { name: '5.4 invite of oneself in the room', event: member(user, 'invite') },
  { name: '5.6 ban of oneself as the mightiest', event: member(admin, 'ban') },
  { name: '5 a member changes their name', event: member(user, 'join', { displayname: 'U' }) },
  {
    name: '5 a member changes the name of another',
    event: member(user, 'join', { displayname: 'U' }, admin),
  },
  {
    name: '5 a level for bans only',
    state: [levels({ ...usualLevels, ban: 0 })],
    event: member(guest, 'ban', {}, user),
  },
];
