import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../matrix/json.ts';
import type { Pdu } from './pdu.ts';
import { redactEvent, redactionTarget } from './redaction.ts';
import { allVersions, version } from './testing/versions.ts';

const everyKey: JsonObject = {
  event_id: '$e:x',
  type: 'm.room.message',
  room_id: '!r:x',
  sender: '@a:x',
  state_key: '',
  hashes: { sha256: 'h' },
  signatures: { x: {} },
  depth: 1,
  prev_events: [],
  prev_state: [],
  auth_events: [],
  origin: 'x',
  origin_server_ts: 1,
  membership: 'join',
  redacts: '$t',
  unsigned: { age: 1 },
  other: 1,
};

const before11 = [
  'auth_events',
  'content',
  'depth',
  'event_id',
  'hashes',
  'membership',
  'origin',
  'origin_server_ts',
  'prev_events',
  'prev_state',
  'room_id',
  'sender',
  'signatures',
  'state_key',
  'type',
];
const since11 = before11.filter((key) => !['membership', 'origin', 'prev_state'].includes(key));

/** Event type, its content, and by the first version that says so what redaction leaves of it. */
const contents: [type: string, content: JsonObject, left: Record<number, JsonObject>][] = [
  ['m.room.message', { body: 'x', membership: 'join' }, { 1: {} }],
  ['constructor', { name: 'x' }, { 1: {} }],
  [
    'm.room.member',
    {
      membership: 'join',
      displayname: 'x',
      join_authorised_via_users_server: '@b:x',
      third_party_invite: { display_name: 'x', signed: { token: 't' } },
    },
    {
      1: { membership: 'join' },
      9: { membership: 'join', join_authorised_via_users_server: '@b:x' },
      11: {
        membership: 'join',
        join_authorised_via_users_server: '@b:x',
        third_party_invite: { signed: { token: 't' } },
      },
    },
  ],
  [
    'm.room.member',
    { membership: 'invite', third_party_invite: { display_name: 'x' } },
    { 1: { membership: 'invite' }, 11: { membership: 'invite', third_party_invite: {} } },
  ],
  ['m.room.member', { membership: 'invite', third_party_invite: 'x' }, { 1: { membership: 'invite' } }],
  [
    'm.room.create',
    { creator: '@a:x', room_version: '9', 'm.federate': false },
    { 1: { creator: '@a:x' }, 11: { creator: '@a:x', room_version: '9', 'm.federate': false } },
  ],
  [
    'm.room.join_rules',
    { join_rule: 'restricted', allow: [], other: 1 },
    { 1: { join_rule: 'restricted' }, 8: { join_rule: 'restricted', allow: [] } },
  ],
  [
    'm.room.power_levels',
    {
      ban: 1,
      events: {},
      events_default: 2,
      invite: 3,
      kick: 4,
      notifications: {},
      redact: 5,
      state_default: 6,
      users: {},
      users_default: 7,
    },
    {
      1: {
        ban: 1,
        events: {},
        events_default: 2,
        kick: 4,
        redact: 5,
        state_default: 6,
        users: {},
        users_default: 7,
      },
      11: {
        ban: 1,
        events: {},
        events_default: 2,
        invite: 3,
        kick: 4,
        redact: 5,
        state_default: 6,
        users: {},
        users_default: 7,
      },
    },
  ],
  ['m.room.aliases', { aliases: ['#a:x'], other: 1 }, { 1: { aliases: ['#a:x'] }, 6: {} }],
  [
    'm.room.history_visibility',
    { history_visibility: 'shared', other: 1 },
    { 1: { history_visibility: 'shared' } },
  ],
  ['m.room.redaction', { redacts: '$t', reason: 'x' }, { 1: {}, 11: { redacts: '$t' } }],
];

describe.each(allVersions)('room version $id', (roomVersion) => {
  const number = Number(roomVersion.id);

  test('keeps exactly the protected keys', () => {
    const redacted = redactEvent({ ...everyKey, content: { body: 'x' } }, roomVersion);
    expect(Object.keys(redacted).sort()).toEqual(number < 11 ? before11 : since11);
  });

  test.each(contents)('content of %s', (type, content, left) => {
    const since = Math.max(
      ...Object.keys(left)
        .map(Number)
        .filter((first) => first <= number),
    );
    const input = structuredClone(content);
    expect(redactEvent({ type, content: input }, roomVersion)).toEqual({ type, content: left[since] });
    expect(input).toEqual(content);
  });

  test('is idempotent', () => {
    for (const [type, content] of contents) {
      const once = redactEvent({ ...everyKey, type, content }, roomVersion);
      expect(redactEvent(once, roomVersion)).toEqual(once);
    }
  });
});

test('a redaction names its target where the version says', () => {
  const pdu = { redacts: '$top', content: { redacts: '$inside' } } as unknown as Pdu;
  expect(redactionTarget(pdu, version('10'))).toBe('$top');
  expect(redactionTarget(pdu, version('11'))).toBe('$inside');
  expect(redactionTarget({ content: { redacts: 5 } }, version('11'))).toBeUndefined();
});
