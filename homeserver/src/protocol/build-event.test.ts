import { describe, expect, test } from 'vitest';
import type { EventId, RoomId, UserId } from '../../../matrix/identifiers.ts';
import { authorize } from './auth-rules/authorize.ts';
import { buildEvent, type EventInput } from './build-event.ts';
import { CanonicalJsonError } from './canonical-json.ts';
import { ed25519PublicKey } from './crypto.ts';
import { eventIdOf, hasValidContentHash } from './event-hash.ts';
import { parsePdu } from './pdu-format.ts';
import { verifyPdu } from './signatures.ts';
import { reference } from './testing/room.ts';
import { allVersions, version } from './testing/versions.ts';

const seed = new Uint8Array(32).fill(3);
const signingKey = { keyId: 'ed25519:1', seed };
const roomId = '!room:one' as RoomId;

const input = (fields: Partial<EventInput> & Pick<EventInput, 'version'>): EventInput => ({
  sender: '@a:one' as UserId,
  type: 'm.room.create',
  stateKey: '',
  content: { room_version: fields.version.id },
  prevEvents: [],
  authEvents: [],
  depth: 1,
  originServerTs: 1000,
  serverName: 'one',
  signingKey,
  ...(fields.version.roomIds === 'domain' ? { roomId } : {}),
  ...(fields.version.eventIds === 'assigned' ? { eventId: '$new:one' as EventId } : {}),
  ...fields,
});

describe.each(allVersions)('room version $id', (roomVersion) => {
  test('a create event that every check accepts', () => {
    const { pdu, eventId } = buildEvent(input({ version: roomVersion }));
    expect(parsePdu(JSON.parse(JSON.stringify(pdu)), roomVersion)).toEqual({ kind: 'pdu', pdu });
    expect(authorize(pdu, { get: () => undefined }, roomVersion)).toEqual({ kind: 'allowed' });
    expect(hasValidContentHash(pdu, roomVersion)).toBe(true);
    expect(verifyPdu(pdu, roomVersion, 'one', 'ed25519:1', ed25519PublicKey(seed))).toBe(true);
    expect(eventIdOf(pdu, roomVersion)).toBe(eventId);
    expect('room_id' in pdu).toBe(roomVersion.roomIds === 'domain');
    expect(pdu.content.creator).toBe(roomVersion.creator === 'content' ? '@a:one' : undefined);
  });

  test('a redaction that names its target where the version wants it', () => {
    const previous = reference('previous', roomVersion);
    const { pdu } = buildEvent(
      input({
        version: roomVersion,
        type: 'm.room.redaction',
        content: { reason: 'x' },
        redacts: '$target',
        prevEvents: [previous],
        authEvents: [previous],
      }),
    );
    const inContent = roomVersion.redacts === 'content';
    expect(pdu.redacts).toBe(inContent ? undefined : '$target');
    expect(pdu.content).toEqual(inContent ? { reason: 'x', redacts: '$target' } : { reason: 'x' });
    expect(pdu.prev_events).toEqual([previous]);
  });
});

test('content that is no canonical JSON', () => {
  expect(() => buildEvent(input({ version: version('11'), content: { x: 1.5 } }))).toThrow(
    CanonicalJsonError,
  );
});

test('a version that needs an assigned id does not invent one', () => {
  const { eventId: _, ...withoutId } = input({ version: version('1') });
  expect(() => buildEvent(withoutId)).toThrow(TypeError);
});
