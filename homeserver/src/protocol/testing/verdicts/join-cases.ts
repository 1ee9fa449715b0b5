import type { JsonValue } from '../../../../../matrix/json.ts';
import { type EventFields, reference, referenceToCreate, type TestRoom } from '../room.ts';
import { joinRule, joinRules, levels, member, memberships, standing, users, usualLevels } from './events.ts';
import type { VerdictCase } from './verdict-case.ts';

const { creator, admin, mod, user, guest } = users;

const first =
  (fields: EventFields, others: string[] = []) =>
  (room: TestRoom): EventFields => ({
    ...fields,
    prev_events: [referenceToCreate(room), ...others.map((name) => reference(name, room.version))],
  });

const emptyRoom = ['m.room.member', 'm.room.power_levels', 'm.room.join_rules'];

const firstJoins: VerdictCase[] = [
  { name: '5.3.1 the creator', lacks: emptyRoom, event: first(member(creator, 'join')) },
  { name: '5.3.1 another user', lacks: emptyRoom, event: first(member(admin, 'join')) },
  { name: '5.3.1 by another user', lacks: emptyRoom, event: first(member(creator, 'join', {}, admin)) },
  { name: '5.3.1 after two events', lacks: emptyRoom, event: first(member(creator, 'join'), ['other']) },
  { name: '5.3.1 after another event', lacks: emptyRoom, event: member(creator, 'join') },
  { name: '5.3.1 no join', lacks: emptyRoom, event: first(member(creator, 'invite')) },
  {
    name: '5.3.1 an additional creator',
    lacks: emptyRoom,
    create: { additional_creators: [admin] },
    event: first(member(admin, 'join')),
  },
  {
    name: '5.3.1 the creator of the content',
    lacks: emptyRoom,
    create: { creator: admin },
    event: first(member(admin, 'join')),
  },
  {
    name: '5.3.1 not the creator of the content',
    lacks: emptyRoom,
    create: { creator: admin },
    event: first(member(creator, 'join')),
  },
  {
    name: '5.3.1 the creator, banned',
    state: [member(creator, 'ban')],
    event: first(member(creator, 'join')),
  },
];

const joinMatrix: VerdictCase[] = [...joinRules, 'none'].flatMap((rule) =>
  memberships.map((membership) => ({
    name: `5.3 join: rule ${rule}, membership ${membership}`,
    ...(rule === 'none' ? { lacks: ['m.room.join_rules'] } : {}),
    state: [...standing(guest, membership), ...(rule === 'none' ? [] : [joinRule(rule)])],
    event: member(guest, 'join'),
  })),
);

const ruleValues: [string, JsonValue][] = [
  ['null', null],
  ['a number', 5],
  ['an object', { public: true }],
  ['Public', 'Public'],
];

const oddRules: VerdictCase[] = [
  ...ruleValues.map(([what, value]) => ({
    name: `5.3 join: rule is ${what}`,
    state: [joinRule(value), member(guest, 'invite')],
    event: member(guest, 'join'),
  })),
  {
    name: '5.3 join: rule says nothing',
    state: [{ ...joinRule(''), content: {} }, member(guest, 'invite')],
    event: member(guest, 'join'),
  },
  { name: '5.3.2 join of another', state: [joinRule('public')], event: member(guest, 'join', {}, admin) },
  {
    name: '5.3.2 join of an invited other',
    state: [member(guest, 'invite')],
    event: member(guest, 'join', {}, admin),
  },
];

const vias: [string, JsonValue, EventFields[]][] = [
  ['an admin', admin, []],
  ['a moderator', mod, []],
  ['a user', user, []],
  ['the creator', creator, []],
  ['nobody', '', []],
  ['who has left', admin, [member(admin, 'leave')]],
  ['who is invited', admin, [member(admin, 'invite')]],
  ['who is banned', admin, [member(admin, 'ban')]],
  ['who was never there', '@nobody:one', []],
  ['themselves', guest, []],
  ['null', null, []],
  ['a number', 5, []],
];

const restrictedJoins: VerdictCase[] = [
  'restricted',
  'knock_restricted',
  'invite',
  'public',
  'private',
].flatMap((rule) =>
  vias.flatMap(([what, via, state]) =>
    [0, 50].map((invite) => ({
      name: `5.3.5 join: rule ${rule}, invite level ${invite}, by ${what}`,
      state: [...state, joinRule(rule), levels({ ...usualLevels, invite })],
      event: member(guest, 'join', { join_authorised_via_users_server: via }),
    })),
  ),
);

const restrictedOthers: VerdictCase[] = memberships.flatMap((membership) =>
  ['restricted', 'knock_restricted'].map((rule) => ({
    name: `5.3.5 join: rule ${rule}, membership ${membership}, by an admin`,
    state: [joinRule(rule), ...standing(guest, membership)],
    event: member(guest, 'join', { join_authorised_via_users_server: admin }),
  })),
);

/** Rule 5.3. */
export const joinTable: VerdictCase[] = [
  ...firstJoins,
  ...joinMatrix,
  ...oddRules,
  ...restrictedJoins,
  ...restrictedOthers,
];
