import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../matrix/json.ts';
import vectors from '../../../test/vectors/event-hashes.json' with { type: 'json' };
import { contentHash, eventIdOf, hasValidContentHash, referenceTo, roomIdOfCreate } from './event-hash.ts';
import type { Pdu } from './pdu.ts';
import { createEvent } from './testing/room.ts';
import { version } from './testing/versions.ts';

describe('events of other servers', () => {
  test.each(vectors.referenceHashes)('ids of $event.type', ({ event, eventIds }) => {
    for (const [id, eventId] of Object.entries(eventIds)) {
      expect(eventIdOf(event as unknown as Pdu, version(id))).toBe(eventId);
    }
  });

  test.each(vectors.contentHashes)('content hash of $event.type', ({ event, sha256, roomVersion }) => {
    expect(contentHash(event as JsonObject, version(roomVersion))).toBe(sha256);
    const pdu = { ...event, hashes: { sha256 } } as unknown as Pdu;
    expect(hasValidContentHash(pdu, version(roomVersion))).toBe(true);
    expect(hasValidContentHash({ ...pdu, hashes: { sha256: `${sha256}=` } }, version(roomVersion))).toBe(
      true,
    );
    expect(hasValidContentHash({ ...pdu, depth: pdu.depth + 1 }, version(roomVersion))).toBe(false);
  });
});

describe('ids', () => {
  test('assigned in versions 1 and 2', () => {
    expect(eventIdOf(createEvent(version('2')), version('2'))).toBe('$create:one');
    const { event_id: _, ...nameless } = createEvent(version('2'));
    expect(() => eventIdOf(nameless as Pdu, version('2'))).toThrow(TypeError);
  });

  test('do not depend on what redaction, receipt or further signatures change', () => {
    const create = createEvent(version('11'));
    const other = { ...create, unsigned: { age: 1 }, signatures: { x: { y: 'z' } }, more: 1 };
    expect(eventIdOf(other, version('11'))).toBe(eventIdOf(create, version('11')));
    expect(eventIdOf({ ...create, depth: 2 }, version('11'))).not.toBe(eventIdOf(create, version('11')));
  });

  test('of rooms: named by their server, or by the create event', () => {
    expect(roomIdOfCreate(createEvent(version('11')), version('11'))).toBe('!room:one');
    const create = createEvent(version('12'));
    expect(roomIdOfCreate(create, version('12'))).toBe(`!${eventIdOf(create, version('12')).slice(1)}`);
    expect(() => roomIdOfCreate(create, version('11'))).toThrow(TypeError);
  });

  test('references carry a hash in versions 1 and 2', () => {
    expect(referenceTo(createEvent(version('1')), version('1'))).toEqual([
      '$create:one',
      { sha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}$/) },
    ]);
    const create = createEvent(version('3'));
    expect(referenceTo(create, version('3'))).toBe(eventIdOf(create, version('3')));
  });
});
