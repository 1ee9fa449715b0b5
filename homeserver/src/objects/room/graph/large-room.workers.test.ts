import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { type RemoteEvent, RemoteRoom } from '../testing/remote-server.ts';
import { TestFollowers } from '../testing/test-followers.ts';
import { alice, roomStub } from '../testing/test-room.ts';

const remy = '@remy:remote.test' as UserId;
beforeEach(() => new TestFollowers().install());
afterEach(() => {
  vi.restoreAllMocks();
});

const pdus = (events: readonly RemoteEvent[]) => events.map(({ pdu }) => pdu);

/** A room with this many members on another server, and alice. */
async function importedRoom(members: number) {
  const room = new RemoteRoom('12', remy);
  room.member(remy);
  room.add({ type: 'm.room.join_rules', sender: remy, stateKey: '', content: { join_rule: 'public' } });
  for (let number = 1; number < members; number += 1) room.member(`@member${number}:remote.test` as UserId);
  const rpc = roomStub(room.roomId);
  await rpc.beginImport({ roomVersion: '12', createEvent: room.create.pdu });
  await rpc.importEvents({ state: pdus(room.state()), authChain: [] });
  expect(await rpc.finishImport(room.member(alice).pdu)).toEqual({ kind: 'done' });
  return rpc;
}

/** Rows that are read, as production bills them: by the first message of an instance, and by a snapshot. */
async function readsWith(members: number) {
  const rpc = await importedRoom(members);
  await evictDurableObject(rpc);
  const exec = await runInDurableObject(rpc, (_instance, { storage }) =>
    vi.spyOn(Object.getPrototypeOf(storage.sql) as SqlStorage, 'exec'),
  );
  const reads = () =>
    exec.mock.results.reduce((sum, { value }) => sum + (value as { rowsRead: number }).rowsRead, 0);
  const content = { msgtype: 'm.text', body: 'first' };
  expect(await rpc.append({ sender: alice, type: 'm.room.message', content })).toMatchObject({
    kind: 'accepted',
  });
  const first = reads();
  const snapshot = await rpc.snapshotFor(alice);
  expect(snapshot?.summary.joinedCount).toBe(members + 1);
  const all = reads();
  exec.mockRestore();
  return { first, snapshot: all - first };
}

test('members of other servers are not read for a message, nor for a snapshot', async () => {
  const few = await readsWith(10);
  const many = await readsWith(300);
  expect(few.first).toBeGreaterThan(0);
  // Heroes are looked for among as many as there are, up to five.
  expect(many.first - few.first).toBeLessThanOrEqual(10);
  expect(many.snapshot - few.snapshot).toBeLessThanOrEqual(10);
});
