import type { NamedAuthEvent } from '../../auth-rules/auth-events.ts';
import type { EventFields } from '../room.ts';
import { joinRule, levels, member, message, topic, users, usualLevels } from './events.ts';
import type { JudgedRoom, VerdictCase } from './verdict-case.ts';

const { creator, admin, mod, user, guest } = users;

type Choice = (selected: NamedAuthEvent[], room: JudgedRoom) => NamedAuthEvent[];

const plus =
  (fields: EventFields): Choice =>
  (selected, room) => [...selected, { pdu: room.pdu(fields), rejected: false }];

const without =
  (type: string): Choice =>
  (selected) =>
    selected.filter(({ pdu }) => pdu.type !== type);

const rejecting =
  (type: string): Choice =>
  (selected) =>
    selected.map((named) => (named.pdu.type === type ? { ...named, rejected: true } : named));

const moved =
  (type: string): Choice =>
  (selected, room) =>
    selected.map((named) =>
      named.pdu.type === type
        ? { pdu: room.pdu({ ...(named.pdu as EventFields), room_id: '!other:one' }), rejected: false }
        : named,
    );

const unneeded: [string, EventFields][] = [
  ['a message', message(admin)],
  ['a topic', topic(admin)],
  ['the join rules', joinRule('public')],
  ['the member event of another', member(admin, 'join')],
  ['power levels with a state key', { ...levels(usualLevels), state_key: 'x' }],
  ['history visibility', { type: 'm.room.history_visibility', sender: admin, state_key: '' }],
];

/** Rule 3: the auth events that an event names. */
export const authEventsTable: VerdictCase[] = [
  { name: '3 as selected', event: message(user) },
  { name: '3 none', event: message(user), auth: () => [] },
  {
    name: '3.1 the same event twice',
    event: message(user),
    auth: (selected) => [...selected, ...selected.slice(-1)],
  },
  {
    name: '3.1 two member events',
    event: message(user),
    auth: plus(member(user, 'join', { reason: 'again' })),
  },
  { name: '3.1 two power levels', event: message(user), auth: plus(levels({ ban: 1 })) },
  ...unneeded.map(([what, fields]) => ({
    name: `3.2 unneeded: ${what}`,
    event: message(user),
    auth: plus(fields),
  })),
  {
    name: '3.2 unneeded: a create event with a state key',
    // In the others such an event would be of another room.
    versions: ({ roomIds }) => roomIds === 'domain',
    event: message(user),
    auth: plus({ type: 'm.room.create', sender: creator, state_key: 'x' }),
  },
  {
    name: '3.2 the create event, where the room id says it',
    event: message(user),
    auth: (selected, room) => [
      { pdu: room.create, rejected: false },
      ...selected.filter(({ pdu }) => pdu.type !== 'm.room.create'),
    ],
  },
  { name: '3.3 rejected member event', event: message(user), auth: rejecting('m.room.member') },
  { name: '3.3 rejected power levels', event: message(user), auth: rejecting('m.room.power_levels') },
  { name: '3.3 rejected create event', event: message(user), auth: rejecting('m.room.create') },
  { name: '3.4 no create event', event: message(user), auth: without('m.room.create') },
  { name: '3 no power levels', event: message(user), auth: without('m.room.power_levels') },
  { name: '3 no member event', event: message(user), auth: without('m.room.member') },
  { name: '3.5 member event of another room', event: message(user), auth: moved('m.room.member') },
  { name: '3.5 power levels of another room', event: message(user), auth: moved('m.room.power_levels') },
  { name: '3 join rules for a join', event: member(user, 'join') },
  { name: '3.2 join rules for a leave', event: member(user, 'leave'), auth: plus(joinRule('invite')) },
  { name: '3.2 join rules for a ban', event: member(user, 'ban', {}, mod), auth: plus(joinRule('invite')) },
  { name: '3 join rules for an invite', event: member(guest, 'invite', {}, mod) },
  {
    name: '3.2 the member event of who does not authorise a join',
    event: member(user, 'join'),
    auth: plus(member(admin, 'join')),
  },
  {
    name: '3 the member event of who authorises a join',
    state: [joinRule('restricted')],
    event: member(user, 'join', { join_authorised_via_users_server: admin }),
    auth: (selected, room) => [
      ...selected.filter(({ pdu }) => pdu.state_key !== admin),
      { pdu: room.pdu(member(admin, 'join')), rejected: false },
    ],
  },
  {
    name: '3.2 authorised by another: not for a leave',
    event: member(user, 'leave', { join_authorised_via_users_server: admin }),
    auth: plus(member(admin, 'join')),
  },
  {
    name: '3.2 an offer to an address for a join',
    event: member(user, 'join', { third_party_invite: { signed: { token: 't' } } }),
    auth: plus({ type: 'm.room.third_party_invite', sender: admin, state_key: 't' }),
  },
];
