import { expect, test } from 'vitest';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { allVersions } from '../../../protocol/testing/versions.ts';
import type { MessagesPage } from '../../room-rpc.ts';
import { member } from '../testing/remote-history.ts';
import { type RemoteFields, RemoteRoom } from '../testing/remote-room.ts';
import { checkReplay } from '../testing/replay-check.ts';
import { inRoom } from '../testing/room-feed.ts';
import {
  beginRoom,
  creator,
  guest,
  message,
  moderator,
  results,
  startRoom,
  topic,
} from '../testing/started-room.ts';
import { alice } from '../testing/test-room.ts';
import { fillGap } from './fill-gap.ts';
import { receiveEvents, receiveOutliers } from './receive-events.ts';

function nested(depth: number): JsonObject {
  let value: JsonObject = {};
  for (let level = 0; level < depth; level += 1) value = { a: value };
  return value;
}

const otherId = `$${'x'.repeat(43)}` as EventId;

/** What is wrong with an event that is right otherwise. */
const wrongs: Record<string, (pdu: Pdu) => JsonObject> = {
  'depth 2^63': (pdu) => ({ ...pdu, depth: 2 ** 63 }),
  'depth -1': (pdu) => ({ ...pdu, depth: -1 }),
  'depth 1.5': (pdu) => ({ ...pdu, depth: 1.5 }),
  'depth NaN': (pdu) => ({ ...pdu, depth: Number.NaN }),
  '65,537 bytes': (pdu) => ({ ...pdu, content: { body: 'x'.repeat(65_537) } }),
  '11 auth events': (pdu) => ({ ...pdu, auth_events: Array.from({ length: 11 }, () => otherId) }),
  '21 prev events': (pdu) => ({ ...pdu, prev_events: Array.from({ length: 21 }, () => otherId) }),
  'no prev events': (pdu) => ({ ...pdu, prev_events: [] }),
  'a float': (pdu) => ({ ...pdu, content: { body: 0.5 } }),
  'a large integer': (pdu) => ({ ...pdu, content: { body: 2 ** 53 } }),
  NaN: (pdu) => ({ ...pdu, content: { body: Number.NaN } }),
  'a lone surrogate': (pdu) => ({ ...pdu, content: { body: '\ud800' } }),
  'NUL in the sender': (pdu) => ({ ...pdu, sender: '@a\u0000b:one\u0000' }),
  'a type of 256 bytes': (pdu) => ({ ...pdu, type: 'x'.repeat(256) }),
  'another room': (pdu) => ({ ...pdu, room_id: '!other:one' }),
  'no content': ({ content: _, ...pdu }) => pdu,
};

test('F5: malformed events are refused each by itself, and the rest of the batch is stored', async () => {
  for (const versionId of ['11', '12']) {
    const { remote, rpc, start, value } = await startRoom(versionId, `F5-${versionId}`);
    let last = start;
    const pdus: JsonObject[] = [];
    for (const [name, spoil] of Object.entries(wrongs)) {
      pdus.push(spoil(remote.make(message(creator, name), [last])));
      last = remote.add(topic(creator, name), [last]);
      pdus.push(remote.pdu(last));
    }
    const received = results(await rpc.receive({ pdus }));
    const kinds = received.map(({ kind }) => kind);
    expect(kinds).toEqual(Object.keys(wrongs).flatMap(() => ['malformed', 'accepted']));
    expect(await value('m.room.topic')).toBe(last);
  }
});

test('F5: content that is nested deeply harms nobody, and NUL is a character', async () => {
  const { remote, start } = beginRoom('12', 'F5-deep');
  await inRoom('F5-deep', remote, (room) => {
    const before = [...remote.events.values()].map(({ pdu }) => pdu);
    receiveEvents(room, before, {});
    const deep = { ...remote.pdu(start), content: nested(100_000) };
    const good = remote.add({ ...topic(creator, 'a\u0000b'), stateKey: 'a\u0000b' }, [start]);
    const other = remote.add({ ...topic(creator, 'a'), stateKey: 'a' }, [good]);
    const kinds = receiveEvents(room, [deep, remote.pdu(good), remote.pdu(other)], {}).map(
      ({ kind }) => kind,
    );
    expect(kinds).toEqual(['malformed', 'accepted', 'accepted']);
    expect(room.sqlite.all("SELECT 1 FROM current_state WHERE type = 'm.room.topic'")).toHaveLength(2);
    checkReplay(room);
  });
});

test('F5: a state that is told with one key twice, messages, or unknown events harms only that event', async () => {
  const { remote, start } = beginRoom('11', 'F5-told');
  const one = remote.add(topic(creator, 'one'), [start]);
  const two = remote.add(topic(creator, 'two'), [one]);
  const text = remote.add(message(guest, 'text'), [two]);
  const end = remote.add(message(guest, 'end'), [text]);
  const after = remote.add(message(guest, 'after'), [end]);
  await inRoom('F5-told', remote, (room) => {
    const placed = [...remote.events.values()].filter(({ eventId }) => ![text, end, after].includes(eventId));
    receiveEvents(
      room,
      placed.map(({ pdu }) => pdu),
      {},
    );
    const state = [...remote.get(end).before.values(), one, text];
    const unknown = receiveEvents(room, [remote.pdu(end)], { [end]: state });
    expect(unknown).toMatchObject([{ kind: 'missing', others: [text] }]);
    const told = { [end]: state.filter((id) => id !== text) };
    const kinds = receiveEvents(room, [remote.pdu(end), remote.pdu(after)], told).map(({ kind }) => kind);
    expect(kinds).toEqual(['accepted', 'accepted']);
    checkReplay(room);
  });
});

test('a gap that was filled already is left alone', async () => {
  const { remote, start } = beginRoom('11', 'filled-twice');
  const beginning = [...remote.events.values()].map(({ pdu }) => pdu);
  const older = remote.add(message(guest, 'older'), [start]);
  const missing = remote.add(message(guest, 'missing'), [older]);
  const end = remote.add(message(guest, 'end'), [missing]);
  await inRoom('filled-twice', remote, (room) => {
    receiveEvents(room, beginning, {});
    receiveEvents(room, [remote.pdu(end)], { [end]: [...remote.get(end).before.values()] });
    const position = room.sqlite.get<{ position: number }>('SELECT position FROM gaps')?.position ?? 0;
    const pdus = [older, missing].map((eventId) => remote.pdu(eventId));
    expect(fillGap(room, position, pdus, {}).map(({ kind }) => kind)).toEqual(['accepted', 'accepted']);
    const fork = remote.add(message(guest, 'fork'), [start]);
    expect(fillGap(room, position, [remote.pdu(fork)], {})).toMatchObject([{ kind: 'malformed' }]);
    checkReplay(room, { told: new Set([end]), filled: true });
  });
});

test('F7: a sample of the rules is kept by the room in every version', async () => {
  for (const version of allVersions) {
    const { remote, start } = beginRoom(version.id, `F7-${version.id}`);
    const stranger = '@stranger:three';
    const cases: [RemoteFields, boolean][] = [
      [message(stranger, 'outside'), false],
      [topic(guest, 'without power'), false],
      [topic(moderator, 'with power'), true],
      [member(creator, 'ban', moderator), false],
      [member(guest, 'ban', moderator), true],
      [member(stranger, 'knock'), false],
      [member(stranger, 'join'), true],
      [member(stranger, 'join', guest), false],
      [member(stranger, 'leave', moderator), true],
      [member(stranger, 'invite', guest), true],
      [{ type: 'm.room.power_levels', sender: moderator, stateKey: '', content: { users: {} } }, false],
      [{ type: 'org.example', sender: moderator, stateKey: guest, content: {} }, false],
      [
        { type: 'm.room.create', sender: creator, stateKey: '', content: { room_version: version.id } },
        false,
      ],
    ];
    const wanted = cases.map(([fields, isAllowed]) => ({ eventId: remote.add(fields, [start]), isAllowed }));
    await inRoom(`F7-${version.id}`, remote, (room) => {
      const pdus = [...remote.events.values()].map(({ pdu }) => pdu);
      const kinds = new Map(
        receiveEvents(room, pdus, {}).map((result) => [
          'eventId' in result ? result.eventId : '',
          result.kind,
        ]),
      );
      for (const [index, { eventId, isAllowed }] of wanted.entries()) {
        const name = `${version.id}: ${cases[index]?.[0].type} ${JSON.stringify(cases[index]?.[0].content)}`;
        expect(kinds.get(eventId) !== 'rejected', name).toBe(isAllowed);
      }
      checkReplay(room);
    });
  }
});

test('F8, R5: a room has one create event, whatever comes', async () => {
  for (const versionId of ['1', '11', '12']) {
    const { remote, start } = beginRoom(versionId, `F8-${versionId}`);
    const second = new RemoteRoom(remote.version, `F8-${versionId}`, creator, { 'org.example.second': true });
    const third = remote.make({ type: 'm.room.create', sender: guest, stateKey: 'x', content: {} }, []);
    const later = remote.add(message(creator, 'later'), [start]);
    await inRoom(`F8-${versionId}`, remote, (room) => {
      receiveEvents(room, [...remote.events.values()].map(({ pdu }) => pdu).slice(0, -1), {});
      // In room versions 1 and 2 it could have the same id, and then is known.
      const creates = [second.create.pdu, third];
      const expected = versionId === '1' ? ['known', 'malformed'] : ['malformed', 'malformed'];
      expect(receiveOutliers(room, creates).map(({ kind }) => kind)).toEqual(expected);
      const kinds = receiveEvents(room, [...creates, remote.pdu(later)], {}).map(({ kind }) => kind);
      expect(kinds).toEqual([...expected, 'accepted']);
      expect(room.sqlite.all("SELECT 1 FROM events WHERE type = 'm.room.create'")).toHaveLength(1);
      checkReplay(room);
    });
  }
});

test('F12: pages of messages go on over hundreds of rejected events, and show none of them', async () => {
  const { remote, rpc, start } = await startRoom('12', 'F12');
  const wanted: EventId[] = [];
  const pdus: Pdu[] = [];
  let last = start;
  for (let index = 0; index < 24; index += 1) {
    for (let bad = 0; bad < 20; bad += 1) {
      pdus.push(remote.pdu(remote.add(message('@stranger:three', `bad ${index} ${bad}`), [last])));
    }
    // Every third builds on one that is rejected.
    last = remote.add(message(guest, `good ${index}`), [
      index % 3 ? last : ([...remote.events.keys()].pop() as EventId),
    ]);
    wanted.push(last);
    pdus.push(remote.pdu(last));
  }
  for (let from = 0; from < pdus.length; from += 100)
    await rpc.receive({ pdus: pdus.slice(from, from + 100) });
  for (const dir of ['b', 'f'] as const) {
    const found: string[] = [];
    let from: number | undefined;
    for (let page = 0; page < 60; page += 1) {
      const read = await rpc.readMessages({
        userId: alice,
        dir,
        limit: 5,
        ...(from === undefined ? {} : { from }),
      });
      if (read.kind === 'denied') throw new Error(read.error);
      const { chunk, end } = read as MessagesPage;
      found.push(...chunk.filter(({ type }) => type === 'm.room.message').map(({ event_id }) => event_id));
      if (end === undefined) break;
      from = end;
    }
    expect(dir === 'b' ? found.reverse() : found).toEqual(wanted);
  }
});
