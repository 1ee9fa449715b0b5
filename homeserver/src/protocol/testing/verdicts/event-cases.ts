import type { JsonObject, JsonValue } from '../../../../../matrix/json.ts';
import type { RoomVersion } from '../../room-versions.ts';
import type { EventFields } from '../room.ts';
import { levels, member, memberships, message, standing, topic, users, usualLevels } from './events.ts';
import type { VerdictCase } from './verdict-case.ts';

const { creator, admin, mod, user, guest } = users;
const usualUsers = { [admin]: 100, [mod]: 50 };

const aliasSenders: [string, string, string | undefined][] = [
  ['of the own server', user, 'two'],
  ['of another server', user, 'one'],
  ['without a state key', user, undefined],
  ['with an empty state key', user, ''],
  ['by one who is not in the room', guest, 'three'],
  ['by an admin', admin, 'one'],
  ['by an admin, of another server', admin, 'two'],
  ['by an admin, empty state key', admin, ''],
];

const aliases: VerdictCase[] = aliasSenders.map(([what, sender, stateKey]) => ({
  name: `v1:4 aliases ${what}`,
  event: {
    type: 'm.room.aliases',
    sender,
    content: { aliases: [] },
    ...(stateKey === undefined ? {} : { state_key: stateKey }),
  },
}));

const senders: VerdictCase[] = memberships.flatMap((membership) => [
  {
    name: `6 message of one whose membership is ${membership}`,
    state: standing(guest, membership),
    event: message(guest),
  },
  {
    name: `6 topic by an admin whose membership is ${membership}`,
    state: membership === 'none' ? [levels({ users: { '@boss:one': 100 } })] : [member(admin, membership)],
    event: topic(membership === 'none' ? '@boss:one' : admin),
  },
]);

const needed: JsonObject[] = [
  {},
  { state_default: 0 },
  { state_default: 51 },
  { events_default: 1 },
  { events_default: 50 },
  { users_default: 50 },
  { users_default: 49 },
  { users_default: -1 },
  { users_default: -1, events_default: -1 },
  { events: { 'm.room.topic': 0, 'm.room.message': 50 } },
  { events: { 'm.room.topic': 51, 'm.room.message': 51 } },
  { events: { 'm.room.topic': 100, 'm.room.message': -5 } },
  { users: { ...usualUsers, [user]: 50 } },
  { users: { [mod]: 0 } },
  { users: {} },
  { users: { ...usualUsers, [user]: -1 } },
];

const power: VerdictCase[] = needed.flatMap((content) =>
  [creator, mod, user].flatMap((sender) =>
    [message(sender), topic(sender)].map((event) => ({
      name: `8 ${event.type} by ${sender} under ${JSON.stringify(content)}`,
      state: [levels({ users: usualUsers, ...content })],
      event,
    })),
  ),
);

const withoutLevels: VerdictCase[] = [creator, admin, user].flatMap((sender) =>
  [message(sender), topic(sender), levels({ users: {} }, sender)].map((event) => ({
    name: `8 ${event.type} by ${sender} without power levels`,
    lacks: ['m.room.power_levels'],
    event,
  })),
);

const creators: VerdictCase[] = [
  ['the sender', creator, {}],
  ['named by the content', admin, { creator: admin }],
  ['not named by the content', creator, { creator: admin }],
  ['additional', user, { additional_creators: [user] }],
  ['not additional', mod, { additional_creators: [user] }],
].flatMap(([what, sender, create]) =>
  [levels({ state_default: 100 }), undefined].map((state) => ({
    name: `creator ${what}, ${state ? 'with' : 'without'} power levels`,
    create: create as JsonObject,
    ...(state ? { state: [state] } : { lacks: ['m.room.power_levels'] }),
    event: topic(sender as string),
  })),
);

const creatorsAmongThemselves: VerdictCase[] = ['leave', 'ban'].flatMap((next) =>
  [
    [creator, user],
    [user, creator],
    [admin, creator],
    [creator, admin],
    [admin, user],
  ].map(([sender = '', target = '']) => ({
    name: `creators: ${next} by ${sender} of ${target}, with ${user} as additional creator`,
    create: { additional_creators: [user] },
    state: [levels({ users: { [admin]: 2 ** 53 - 1 } })],
    event: member(target, next, {}, sender),
  })),
);

const owners: [string, string][] = [
  ['own', user],
  ['of another', mod],
  ['own, with more', `${user}_x`],
  ['of no user', '@'],
  ['not beginning so', `x${mod}`],
  ['empty', ''],
];

const stateKeys: VerdictCase[] = owners.flatMap(([what, stateKey]) =>
  [user, admin].map((sender) => ({
    name: `9 state key ${what}, by ${sender}`,
    state: [levels({ ...usualLevels, state_default: 0 })],
    event: { type: 'org.example.thing', sender, state_key: stateKey, content: {} },
  })),
);

/** Levels that are no integers, in power levels that an old version has accepted. */
const oddLevels: [JsonValue, (version: RoomVersion) => boolean][] = [
  ['50', hasStrings],
  [' 50 ', hasStrings],
  ['+50', hasStrings],
  ['-50', hasStrings],
  ['0050', hasStrings],
  ['\t50\n', hasStrings],
  ['49', hasStrings],
  [49.9, hasFloats],
  [50.9, hasFloats],
  [-0.5, hasFloats],
];

function hasStrings(version: RoomVersion): boolean {
  return version.powerLevels !== 'integers';
}

function hasFloats(version: RoomVersion): boolean {
  return version.powerLevels === 'floatsAndStrings';
}

const oddLevelsInUse: VerdictCase[] = oddLevels.flatMap(([value, versions]) => [
  {
    name: `level of a user ${JSON.stringify(value)}`,
    versions,
    state: [levels({ users: { [user]: value } })],
    event: topic(user),
  },
  {
    name: `level of a user ${JSON.stringify(value)}: a message`,
    versions,
    state: [levels({ users: { [user]: value } })],
    event: message(user),
  },
  {
    name: `state_default ${JSON.stringify(value)}`,
    versions,
    state: [levels({ ...usualLevels, state_default: value })],
    event: topic(mod),
  },
  {
    name: `ban ${JSON.stringify(value)}`,
    versions,
    state: [levels({ ...usualLevels, ban: value })],
    event: member(guest, 'ban', {}, mod),
  },
]);

const redactionOf = (sender: string, by: string, redacts: JsonValue | undefined): EventFields => ({
  type: 'm.room.redaction',
  sender,
  content: { reason: 'x', ...(redacts === undefined ? {} : { redacts }) },
  ...(redacts === undefined ? {} : { redacts }),
  event_id: `$redaction:${by}`,
});

const redactions: VerdictCase[] = [
  ['of the own server', user, 'two', '$target:two'],
  ['of another server', user, 'two', '$target:one'],
  ['of another server, by a moderator', mod, 'two', '$target:one'],
  ['of another server, the id of a third', user, 'one', '$target:one'],
  ['of nothing', user, 'two', undefined],
  ['of nothing, by a moderator', mod, 'two', undefined],
  ['of a hash', user, 'two', `$${'a'.repeat(43)}`],
  ['by one who is not in the room', guest, 'three', '$target:three'],
].flatMap(([what, sender = '', by = '', redacts]) =>
  [50, 0, 51].map((redact) => ({
    name: `v1:11 redaction ${what}, redact level ${redact}`,
    state: [levels({ ...usualLevels, redact })],
    event: redactionOf(sender, by, redacts),
  })),
);

/** Rules 4 of the old versions, 6, 8, 9 and 11 of the old versions. */
export const eventTable: VerdictCase[] = [
  ...aliases,
  ...senders,
  ...power,
  ...withoutLevels,
  ...creators,
  ...creatorsAmongThemselves,
  ...stateKeys,
  ...oddLevelsInUse,
  ...redactions,
  {
    name: '8 redaction that needs more power as an event',
    state: [levels({ ...usualLevels, events: { 'm.room.redaction': 51 } })],
    event: redactionOf(mod, 'two', '$target:two'),
  },
];
