import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, isJoined, type SyncAnswer } from './lib/events.ts';
import { homeserver, usersOnServers } from './lib/federation/homeserver.ts';
import { TestServer } from './lib/federation/test-server.ts';
import type { User } from './lib/user.ts';

describe('TestMessagesOverFederation', () => {
  /** Every message is found by paging, once and in order. */
  async function expectHistory(alice: User, bob: User, roomId: string, count: number, limit: number) {
    const sent = await alice.messages(roomId, 'history', count);
    await bob.join(roomId, {}, [alice.serverName]);
    await bob.syncUntil('the room', isJoined(roomId));
    const found: string[] = [];
    let from: string | undefined;
    for (let pages = 0; pages < 60; pages += 1) {
      const page = await bob.pageOf(roomId, { dir: 'b', limit, from });
      const messages = page.chunk.filter(({ type }) => type === 'm.room.message');
      found.push(...messages.map((event) => event.event_id));
      from = page.end;
      if (from === undefined || found.length >= sent.length) break;
    }
    expect(found).toEqual(sent.toReversed());
  }

  describe('Visible shared history after joining new room (backfill)', () => {
    test('`messagesRequestLimit` is lower than the number of messages backfilled (assumed)', async () => {
      const [alice, bob] = await usersOnServers('alice', 'bob');
      await expectHistory(alice, bob, await alice.createPublicRoom(), 20, 10);
    });

    test('`messagesRequestLimit` is greater than the number of messages backfilled (in Synapse, 100)', async () => {
      const [alice, bob] = await usersOnServers('alice', 'bob');
      await expectHistory(alice, bob, await alice.createPublicRoom(), 110, 105);
    });
  });

  test('Visible shared history after re-joining room (backfill): `messagesRequestLimit` is lower than the number of messages backfilled (assumed)', async () => {
    const [alice, bob] = await usersOnServers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId, {}, [alice.serverName]);
    await bob.leave(roomId);
    const isGone = (sync: SyncAnswer) =>
      JSON.stringify(sync.rooms?.join?.[roomId] ?? {}).includes('"membership":"leave"');
    await alice.syncUntil('that Bob is gone', isGone);
    await expectHistory(alice, bob, roomId, 20, 10);
  });
});

describe('TestSyncTimelineGap', () => {
  /** Fifty messages that the server is not told of, and one after them that it is. */
  const setting = shared(async () => {
    const [hs1, server] = [await homeserver('hs1'), await TestServer.start()];
    const alice = await hs1.newUser('alice');
    const charlie = server.user('charlie');
    const roomId = await alice.createPublicRoom({ room_version: '10' });
    const room = await server.join(hs1, roomId, charlie);
    const filter = JSON.stringify({ room: { timeline: { limit: 20 } } });
    const { next_batch: since } = await alice.sync({ filter });
    const own = await alice.message(roomId, 'Hi from Alice!');
    await server.pdu('what Alice says', ({ content }) => content.body === 'Hi from Alice!');
    for (let index = 0; index < 50; index += 1) room.message(charlie, `Remote message ${index}`);
    const last = room.message(charlie, 'End');
    await server.transact(hs1, [last]);
    return { server, alice, charlie, roomId, own, last, filter, since };
  });

  test('over federation, incremental', async () => {
    const { alice, charlie, roomId, last, filter, since } = await setting();
    const syncs = await alice.syncAllUntil('the last message', hasEvent(roomId, last.eventId), {
      since,
      filter,
    });
    let isLimited = false;
    for (const sync of syncs) {
      const timeline = sync.rooms?.join?.[roomId]?.timeline;
      isLimited ||= timeline?.limited === true;
      // Nothing from before the gap comes after it, nothing from behind it before.
      for (const { sender } of timeline?.events ?? [])
        expect(sender).toBe(isLimited ? charlie : alice.userId);
    }
    expect(isLimited).toBe(true);
  });

  test('over federation, full', async () => {
    const { server, alice, charlie, roomId, last, filter, since } = await setting();
    await alice.syncUntil('the last message', hasEvent(roomId, last.eventId));
    const timeline = (await alice.sync({ since, filter })).rooms?.join?.[roomId]?.timeline;
    expect(timeline?.limited).toBe(true);
    expect(timeline?.events.at(-1)?.event_id).toBe(last.eventId);
    for (const { sender } of timeline?.events ?? []) expect(sender).toBe(charlie);
    await server.stop();
  });
});

testAnswersOf('room_messages and sync over federation');
