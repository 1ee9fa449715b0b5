import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { eventsOf, hasEvent, type SyncAnswer } from './lib/events.ts';
import { usersOnServers } from './lib/federation/homeserver.ts';
import { p } from './lib/http.ts';
import type { User } from './lib/user.ts';

interface Barred {
  alice: User;
  bob: User;
  charlie: User;
  roomId: string;
  acl: string;
  content: Record<string, unknown>;
  /** A room of the same people that bars nobody: what is said there later tells that all before it has come. */
  sentinel: string;
}

/** A room that bars Bob's server, which knows it; Charlie has joined since. */
async function barred(): Promise<Barred> {
  const [alice, bob, charlie] = await usersOnServers('alice', 'bob', 'charlie');
  const via = [alice.serverName];
  const roomId = await alice.createPublicRoom();
  const sentinel = await alice.createPublicRoom();
  await bob.join(roomId, {}, via);
  await bob.join(sentinel, {}, via);
  await charlie.join(sentinel, {}, via);
  // Then his server tells hers of what he does.
  await bob.syncUntil('that Charlie is there', (sync) =>
    eventsOf(sync, sentinel).some((event) => event.state_key === charlie.userId),
  );
  const content = { allow: ['*'], allow_ip_literals: true, deny: [bob.serverName.replace(/:\d+$/, '')] };
  const acl = await alice.setState(roomId, 'm.room.server_acl', content);
  await bob.syncUntil('the access control list', hasEvent(roomId, acl));
  await charlie.join(roomId, {}, via);
  return { alice, bob, charlie, roomId, acl, content, sentinel };
}

test('TestACLs', async () => {
  const { alice, bob, charlie, roomId, content, sentinel } = await barred();
  const blocked = await bob.message(roomId, 'I should be blocked');
  const visible = await bob.message(sentinel, 'I should be visible');
  for (const user of [alice, charlie]) {
    const syncs = await user.syncAllUntil('the message beside it', hasEvent(sentinel, visible));
    expect([...syncs, await user.sync()].some(hasEvent(roomId, blocked))).toBe(false);
    expect((await user.call('GET', p`/v3/rooms/${roomId}/event/${blocked}`)).status).toBe(404);
    expect(await user.state(roomId, 'm.room.server_acl')).toEqual(content);
  }
});

test('TestACLsForEDUs', async () => {
  const { alice, bob, charlie, roomId, acl, sentinel } = await barred();
  await bob.ok('POST', p`/v3/rooms/${roomId}/read_markers`, { 'm.read': acl });
  // Who says something does not type any more.
  const visible = await bob.message(sentinel, 'sentinel');
  const typing = p`/typing/${bob.userId}`;
  for (const room of [roomId, sentinel]) {
    await bob.ok('PUT', p`/v3/rooms/${room}` + typing, { typing: true, timeout: 20_000 });
  }
  await bob.ok('POST', p`/v3/rooms/${sentinel}/read_markers`, { 'm.read': visible });
  const ephemeral = (sync: SyncAnswer, room: string) =>
    JSON.stringify(sync.rooms?.join?.[room]?.ephemeral?.events ?? []);
  for (const user of [alice, charlie]) {
    const seen = { message: false, receipt: false, typing: false };
    const syncs = await user.syncAllUntil('what comes of the other room', (sync) => {
      const told = ephemeral(sync, sentinel);
      seen.message ||= hasEvent(sentinel, visible)(sync);
      seen.receipt ||= told.includes('m.receipt') && told.includes(bob.userId);
      seen.typing ||= told.includes('m.typing') && told.includes(bob.userId);
      return seen.message && seen.receipt && seen.typing;
    });
    for (const sync of [...syncs, await user.sync()])
      expect(ephemeral(sync, roomId)).not.toContain(bob.userId);
  }
});

testAnswersOf('federation_acl');
