import type { JsonObject, JsonValue } from '../../../../../matrix/json.ts';
import { levels, users, usualLevels } from './events.ts';
import type { VerdictCase } from './verdict-case.ts';

const { creator, admin, mod, user, guest } = users;
const usualUsers = { [admin]: 100, [mod]: 50 };
const named = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite'];

const values: JsonValue[] = [
  0,
  50,
  -1,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e300,
  10.7,
  -0.5,
  '10',
  ' 10 ',
  '+10',
  '-10',
  '0010',
  '\t10\n',
  '10.0',
  '1e1',
  '0x10',
  '1_0',
  '٣',
  '',
  ' ',
  'x',
  '1 0',
  '- 1',
  true,
  false,
  null,
  [],
  [10],
  {},
];

const places: [string, (value: JsonValue) => JsonObject][] = [
  ['ban', (value) => ({ ban: value })],
  ['users_default', (value) => ({ users_default: value })],
  ['events', (value) => ({ events: { 'm.room.name': value } })],
  ['notifications', (value) => ({ notifications: { room: value } })],
  ['users', (value) => ({ users: { ...usualUsers, [guest]: value } })],
];

/** The form of levels, where they are new to the room, and where there are none before. */
const forms: VerdictCase[] = places.flatMap(([place, content]) =>
  values.flatMap((value) => [
    {
      name: `10 ${place} ${JSON.stringify(value)}`,
      event: levels({ users: usualUsers, ...content(value) }),
    },
    {
      name: `10.5 first levels: ${place} ${JSON.stringify(value)}`,
      lacks: ['m.room.power_levels'],
      event: levels(content(value), creator),
    },
  ]),
);

const maps: VerdictCase[] = ['users', 'events', 'notifications'].flatMap((name) =>
  [null, [], 'x', 5, {}, true].map((value) => ({
    name: `10 ${name} is ${JSON.stringify(value)}`,
    lacks: ['m.room.power_levels'],
    event: levels({ [name]: value }, creator),
  })),
);

const userIds = [
  'user',
  '@user',
  'user:two',
  '!user:two',
  '@:two',
  '@user:',
  '@u ser:two',
  '@User:two',
  '@user:two:8448',
  '@user:[::1]',
  '@user:t wo',
  '@ü:two',
  '',
  '@user:two/x',
  '@user:two:x',
  `@${'a'.repeat(250)}:two`,
  `@${'a'.repeat(251)}:two`,
];

const userKeys: VerdictCase[] = userIds.map((userId) => ({
  name: `10.3 users with ${userId.length > 30 ? `a name of ${userId.length} characters` : JSON.stringify(userId)}`,
  event: levels({ users: { ...usualUsers, [userId]: 1 } }),
}));

const creatorEntries: VerdictCase[] = [
  ['the creator', { [creator]: 100 }],
  ['an additional creator', { [user]: 10 }],
  ['both', { [creator]: 100, [user]: 10 }],
  ['neither', { [mod]: 50 }],
].flatMap(([what, entries]) =>
  [admin, creator].map((sender) => ({
    name: `10.4 users with ${what}, by ${sender}`,
    create: { additional_creators: [user] },
    state: [levels({ users: { [admin]: 100 } })],
    event: levels({ users: { [admin]: 100, ...(entries as JsonObject) } }, sender),
  })),
);

const steps: [string, number | undefined, number | undefined][] = [
  ['added below', undefined, 49],
  ['added equal', undefined, 50],
  ['added above', undefined, 51],
  ['removed below', 49, undefined],
  ['removed equal', 50, undefined],
  ['removed above', 51, undefined],
  ['raised to equal', 0, 50],
  ['raised above', 0, 51],
  ['lowered from equal', 50, 0],
  ['lowered from above', 51, 0],
  ['the same above', 100, 100],
];

const entry = (key: string, level: number | undefined): JsonObject =>
  level === undefined ? {} : { [key]: level };

/** Changes by a moderator who has 50. */
const namedChanges: VerdictCase[] = named.flatMap((name) =>
  steps.map(([what, before, after]) => ({
    name: `10.6 ${name} ${what}`,
    state: [levels({ users: usualUsers, events: { 'm.room.power_levels': 0 }, ...entry(name, before) })],
    event: levels({ users: usualUsers, events: { 'm.room.power_levels': 0 }, ...entry(name, after) }, mod),
  })),
);

const mapChanges: VerdictCase[] = ['events', 'notifications'].flatMap((name) =>
  steps.map(([what, before, after]) => ({
    name: `10.7 ${name} ${what}`,
    state: [levels({ users: usualUsers, [name]: entry('x', before) })],
    event: levels({ users: usualUsers, [name]: entry('x', after) }, mod),
  })),
);

const userChanges: VerdictCase[] = steps.flatMap(([what, before, after]) => [
  {
    name: `10.9 a user ${what}`,
    state: [levels({ users: { ...usualUsers, ...entry(guest, before) } })],
    event: levels({ users: { ...usualUsers, ...entry(guest, after) } }, mod),
  },
  {
    name: `10.9 a user ${what}, by a creator`,
    state: [levels({ users: { ...usualUsers, ...entry(guest, before) } })],
    event: levels({ users: { ...usualUsers, ...entry(guest, after) } }, creator),
  },
]);

const ownChanges: VerdictCase[] = [
  ['lowered', { [admin]: 100, [mod]: 49 }],
  ['removed', { [admin]: 100 }],
  ['raised', { [admin]: 100, [mod]: 51 }],
  ['kept', usualUsers],
].map(([what, entries]) => ({
  name: `10.9 own level ${what}`,
  event: levels({ users: entries as JsonObject }, mod),
}));

/** Changes of nothing but the writing. */
const rewritten: VerdictCase[] = [
  ['50', 50],
  [50, '50'],
  [' 50', '+50'],
  ['100', 100],
  [100, '100'],
  ['0100', '100'],
].map(([before = 0, after = 0]) => ({
  name: `10.6 ban from ${JSON.stringify(before)} to ${JSON.stringify(after)}`,
  versions: (version) =>
    version.powerLevels !== 'integers' || (typeof before === 'number' && typeof after === 'string'),
  state: [levels({ ...usualLevels, ban: before })],
  event: levels({ ...usualLevels, ban: after }, mod),
}));

/** Rule 10. */
export const powerLevelTable: VerdictCase[] = [
  ...forms,
  ...maps,
  ...userKeys,
  ...creatorEntries,
  ...namedChanges,
  ...mapChanges,
  ...userChanges,
  ...ownChanges,
  ...rewritten,
  { name: '8 power levels by one without the power', event: levels({ users: usualUsers }, user) },
  { name: '10 power levels with a state key', event: { ...levels({ users: { x: 1 } }), state_key: 'x' } },
  {
    name: '10 power levels without a state key',
    event: { type: 'm.room.power_levels', sender: admin, content: { users: { x: 1 } } },
  },
  {
    name: '10.6 power levels with a state key, above the sender',
    event: { ...levels({ users: usualUsers, ban: 51 }, mod), state_key: 'x' },
  },
  {
    name: '10 valid power levels without a state key',
    event: { type: 'm.room.power_levels', sender: admin, content: { users: usualUsers } },
  },
  { name: '10 unknown members', event: levels({ ...usualLevels, 'org.example.level': 'x' }) },
  { name: '10 empty', event: levels({}) },
  { name: '10 empty, by a moderator', event: levels({}, mod) },
];
