import type { JsonObject, JsonValue } from '../../../../../matrix/json.ts';
import type { EventFields } from '../room.ts';
import { message, users } from './events.ts';
import type { VerdictCase } from './verdict-case.ts';

const { creator, admin, mod, user } = users;

function create(content: JsonObject = {}, more: JsonObject = {}): EventFields {
  return { type: 'm.room.create', sender: creator, state_key: '', content, ...more };
}

const createCases: VerdictCase[] = [
  { name: '1 create', event: create() },
  {
    name: '1.1 create after another event',
    event: (room) => create({}, { prev_events: room.event(message(admin)).prev_events }),
  },
  { name: '1.2 room id of this server', event: create({}, { room_id: '!other:one' }) },
  { name: '1.2 room id of another server', event: create({}, { room_id: '!room:two' }) },
  { name: '1.2 room id with a port that the sender lacks', event: create({}, { room_id: '!room:one:8448' }) },
  {
    name: '1.2 room id and sender with a port',
    event: create({}, { room_id: '!room:one:8448', sender: '@c:one:8448' }),
  },
  { name: '1.2 room id without a server', event: create({}, { room_id: '!room' }) },
  { name: '1.2 room id of a hash', event: create({}, { room_id: `!${'a'.repeat(43)}` }) },
  { name: '1.2 empty room id', event: create({}, { room_id: '' }) },
  { name: '1 create with a state key', event: create({}, { state_key: 'other' }) },
  { name: '1.3 unknown room version', event: create({ room_version: 'unheard of' }) },
  { name: '1.3 room version as a number', event: create({ room_version: 6 }) },
  { name: '1.3 room version null', event: create({ room_version: null }) },
  { name: '1.3 no room version', event: create({ room_version: undefined }) },
  { name: '1.3 room version __proto__', event: create({ room_version: '__proto__' }) },
  { name: 'v1:1.4 no creator', event: create({ creator: undefined }) },
  { name: 'v1:1.4 another creator', event: create({ creator: admin }) },
  { name: 'v1:1.4 creator null', event: create({ creator: null }) },
  { name: 'v1:1.4 creator a number', event: create({ creator: 5 }) },
];

const additionalCreators: [string, JsonValue][] = [
  ['none', []],
  ['one', [admin]],
  ['two', [admin, mod]],
  ['the creator too', [creator]],
  ['one twice', [admin, admin]],
  ['no list', admin],
  ['an object', { [admin]: true }],
  ['null', null],
  ['a number', [1]],
  ['null inside', [null]],
  ['a user without a server', ['@admin']],
  ['a user without a sigil', ['admin:one']],
  ['a room', ['!room:one']],
  ['one of two invalid', [admin, 'x']],
  ['a user without a name', ['@:one']],
  ['an empty server', ['@admin:']],
  ['a server with a bad character', ['@admin:o ne']],
  ['a port', ['@admin:one:8448']],
  ['an IPv6 address', ['@admin:[::1]:8448']],
  ['a user with capitals', ['@Admin:one']],
  ['255 bytes', [`@${'a'.repeat(250)}:one`]],
  ['256 bytes', [`@${'a'.repeat(251)}:one`]],
  ['more bytes than characters', [`@${'ä'.repeat(126)}:one`]],
];

const additionalCases: VerdictCase[] = additionalCreators.map(([what, value]) => ({
  name: `1.4 additional creators: ${what}`,
  event: create({ additional_creators: value }),
}));

const roomCases: VerdictCase[] = [
  { name: '2 an event of the room', event: message(user) },
  { name: '2 an event of another room', event: { ...message(user), room_id: '!other:one' } },
  {
    name: '2 an event of another room of a hash',
    event: { ...message(user), room_id: `!${'a'.repeat(43)}` },
  },
  { name: '2 no create event', lacks: ['m.room.create'], event: message(user) },
  { name: '2 no create event: a first join', lacks: ['m.room.create'], event: message(creator) },
];

const federations: [string, JsonValue][] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['a string', 'false'],
  ['zero', 0],
];

const federationCases: VerdictCase[] = federations.flatMap(([what, value]) => [
  {
    name: `4 federate ${what}: the creator's server`,
    create: { 'm.federate': value },
    event: message(admin),
  },
  { name: `4 federate ${what}: another server`, create: { 'm.federate': value }, event: message(mod) },
]);

/** Every rule about the create event, and rule 4. */
export const createTable: VerdictCase[] = [
  ...createCases,
  ...additionalCases,
  ...roomCases,
  ...federationCases,
];
