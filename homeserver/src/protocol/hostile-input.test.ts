import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../matrix/json.ts';
import { authTypesFor } from './auth-rules/auth-types.ts';
import { authorize } from './auth-rules/authorize.ts';
import { eventIdOf, hasValidContentHash } from './event-hash.ts';
import type { Pdu } from './pdu.ts';
import { parsePdu } from './pdu-format.ts';
import { conditionHolds } from './push-rules/conditions.ts';
import { redactPdu } from './redaction.ts';
import { requiredSigners, verifyPdu } from './signatures.ts';
import { creator, testRoom } from './testing/room.ts';
import { allVersions, version } from './testing/versions.ts';

/** Names that rules look for, so that random content gets past the first check. */
const knownKeys = [
  'membership',
  'join_rule',
  'third_party_invite',
  'signed',
  'mxid',
  'token',
  'signatures',
  'public_key',
  'public_keys',
  'join_authorised_via_users_server',
  'additional_creators',
  'creator',
  'm.federate',
  'users',
  'events',
  'notifications',
  'ban',
  'users_default',
  'redacts',
  '__proto__',
  'constructor',
];
const knownValues = [
  'join',
  'invite',
  'leave',
  'ban',
  'knock',
  'restricted',
  'public',
  '@a:one',
  creator,
  '50',
  't',
];

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(...knownValues, null, true, 5, 1.5, -1, 2 ** 60),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom(...knownKeys), tie('value'), { maxKeys: 6 }),
}));
const content = json.object as fc.Arbitrary<JsonObject>;
const fields = fc.record({
  type: fc.constantFrom(
    'm.room.create',
    'm.room.member',
    'm.room.power_levels',
    'm.room.join_rules',
    'm.room.third_party_invite',
    'm.room.aliases',
    'm.room.redaction',
    'm.room.message',
  ),
  sender: fc.constantFrom('@a:one', creator, '@b:two'),
  state_key: fc.constantFrom('', '@a:one', 't', 'one'),
  content,
});

describe.each(allVersions)('room version $id', (roomVersion) => {
  test('every event gets a verdict, whatever it and the state say', () => {
    fc.assert(
      fc.property(
        content,
        fields,
        fc.array(fields, { maxLength: 5 }),
        (createContent, event, stateEvents) => {
          const room = testRoom({ ...roomVersion, strictCanonicalJson: false }, createContent);
          const state = room.state(...stateEvents.map((each) => room.event(each)), room.create);
          const pdu = room.event(event);
          expect(['allowed', 'denied']).toContain(authorize(pdu, state, room.version).kind);
          expect(authTypesFor(pdu, roomVersion).length).toBeLessThanOrEqual(6);
          for (const signer of requiredSigners({ ...pdu, event_id: '$x:one' } as Pdu, roomVersion)) {
            expect(verifyPdu(pdu, roomVersion, signer, 'ed25519:1', new Uint8Array(32))).toBe(false);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('what the format check accepts can be hashed and redacted', () => {
    const base = testRoom(roomVersion).event({ type: 'x', sender: '@a:one', event_id: '$x:one' });
    const wild = json.value as fc.Arbitrary<JsonObject>;
    const key = fc.constantFrom(...Object.keys(base), 'state_key', 'redacts', 'unsigned');
    fc.assert(
      fc.property(key, wild, content, (changed, value, newContent) => {
        const parsed = parsePdu({ ...base, content: newContent, [changed]: value }, roomVersion);
        if (parsed.kind === 'malformed') return;
        const eventId = eventIdOf(parsed.pdu, roomVersion);
        expect(eventIdOf(redactPdu(parsed.pdu, roomVersion), roomVersion)).toBe(eventId);
        hasValidContentHash(parsed.pdu, roomVersion);
      }),
      { numRuns: 150 },
    );
  });
});

test('push conditions hold or do not, whatever they say', () => {
  const room = testRoom(version('11'));
  const kind = fc.constantFrom(
    'event_match',
    'event_property_is',
    'event_property_contains',
    'contains_display_name',
    'room_member_count',
    'sender_notification_permission',
    'other',
  );
  const part = fc.oneof(json.value, fc.constantFrom('content.users', 'type', '>2', '*', '\\'));
  const condition = fc.record({ kind, key: part, pattern: part, value: part, is: part });
  fc.assert(
    fc.property(condition, content, (asked, eventContent) => {
      const event = room.event({ type: 'm.room.message', sender: '@b:two', content: eventContent });
      const context = {
        userId: '@a:one',
        roomId: room.roomId,
        memberCount: 3,
        displayName: 'a',
        state: room.state(),
        version: room.version,
      };
      expect(typeof conditionHolds(asked as JsonObject, event, context)).toBe('boolean');
    }),
  );
});
