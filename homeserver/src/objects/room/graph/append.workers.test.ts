import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';
import { checkAuthEvents } from '../../../protocol/auth-rules/auth-events.ts';
import { authTypesFor } from '../../../protocol/auth-rules/auth-types.ts';
import { authorize } from '../../../protocol/auth-rules/authorize.ts';
import { ed25519PublicKey } from '../../../protocol/crypto.ts';
import { hasValidContentHash, eventIdOf as protocolEventId } from '../../../protocol/event-hash.ts';
import { authEventIds, type Pdu } from '../../../protocol/pdu.ts';
import { parsePdu } from '../../../protocol/pdu-format.ts';
import { roomVersion } from '../../../protocol/room-versions.ts';
import { verifyPdu } from '../../../protocol/signatures.ts';
import type { AppendInput } from '../../room-rpc.ts';
import { alice, bob, carol, eventIdOf, makeRoom, roomInput, roomStub } from '../testing/test-room.ts';

function tablesOf(roomId: string): Promise<string[]> {
  return runInDurableObject(roomStub(roomId), (_, { storage }) =>
    storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray()
      .map((row) => row.name),
  );
}

test.each(['11', '12'])('a room of version %s is created with its events in order', async (version) => {
  const { roomId, input } = roomInput({ version, name: 'Kitchen', topic: 'Food', creator: alice });
  const room = roomStub(roomId);
  expect(await room.create(input)).toEqual({ kind: 'created', roomId });
  const page = await room.readMessages({ userId: alice, dir: 'f', limit: 20 });
  if (page.kind !== 'page') throw new Error(page.error);
  expect(page.chunk.map((event) => event.type)).toEqual([
    'm.room.create',
    'm.room.member',
    'm.room.power_levels',
    'm.room.join_rules',
    'm.room.history_visibility',
    'm.room.guest_access',
    'm.room.name',
    'm.room.topic',
  ]);
  expect(page.end).toBeUndefined();
  expect(await room.create(input)).toMatchObject({ kind: 'denied', errcode: 'M_ROOM_IN_USE' });
});

test('one refused event undoes the whole creation, tables included', async () => {
  const forbidden = { sender: bob, type: 'm.room.name', stateKey: '', content: { name: 'mine' } };
  const { roomId, input } = roomInput({ events: [forbidden] });
  const room = roomStub(roomId);
  expect(await room.create(input)).toMatchObject({ kind: 'denied', status: 403 });
  expect(await tablesOf(roomId)).toEqual([]);
  expect(await room.create({ ...input, events: input.events.slice(0, -1) })).toMatchObject({
    kind: 'created',
  });
});

test('a room of a version that the code does not know is kept', async () => {
  const { roomId, input } = roomInput();
  expect(await roomStub(roomId).create(input)).toMatchObject({ kind: 'created' });
  await runInDurableObject(roomStub(roomId), (_instance, { storage }) => {
    storage.sql.exec("UPDATE room SET version = 'later'");
  });
  await evictDurableObject(roomStub(roomId));
  expect(await roomStub(roomId).create(input)).toMatchObject({ errcode: 'M_ROOM_IN_USE' });
  const kept = await runInDurableObject(roomStub(roomId), (_instance, { storage }) =>
    storage.sql.exec('SELECT COUNT(*) AS events FROM events').one(),
  );
  expect(kept).toEqual({ events: 6 });
});

test('a room that was never created answers, and leaves nothing behind', async () => {
  const room = roomStub('!unknown:roost.test');
  expect(await room.readState(alice)).toMatchObject({ kind: 'denied', status: 403 });
  expect(await room.readMessages({ userId: alice, dir: 'b', limit: 5 })).toMatchObject({ status: 403 });
  expect(await room.readPreview(alice)).toMatchObject({ status: 404 });
  expect(
    await room.append({ sender: alice, type: 'm.room.message', content: { body: 'hello' } }),
  ).toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' });
  expect(
    await room.append({
      sender: alice,
      type: 'm.room.member',
      stateKey: alice,
      content: { membership: 'join' },
    }),
  ).toMatchObject({ status: 404, errcode: 'M_NOT_FOUND' });
  expect(await room.setTyping(alice, 1000)).toMatchObject({ kind: 'denied' });
  expect(await room.localMembers()).toEqual([]);
  expect(await tablesOf('!unknown:roost.test')).toEqual([]);
});

test('a create event of another room, or none at all, is refused', async () => {
  const { input } = roomInput();
  expect(await roomStub('!other:roost.test').create(input)).toMatchObject({ kind: 'denied' });
  expect(
    await roomStub('!other:roost.test').create({ ...input, createEvent: { type: 'm.room.create' } }),
  ).toMatchObject({ kind: 'denied', status: 400 });
  expect(await tablesOf('!other:roost.test')).toEqual([]);
});

test('each event stands on the one before it and is authorised by the state', async () => {
  const room = await makeRoom();
  const first = eventIdOf(await room.send(alice, 'one'));
  const second = eventIdOf(await room.send(alice, 'two'));
  const pdu = await runInDurableObject(roomStub(room.roomId), (_, { storage }) => {
    const row = storage.sql.exec<{ pdu: string }>('SELECT pdu FROM events WHERE event_id = ?', second).one();
    return JSON.parse(row.pdu);
  });
  expect(pdu.prev_events).toEqual([first]);
  expect(pdu.depth).toBe(8);
  expect(pdu.auth_events).toHaveLength(2);
  expect(Object.keys(pdu.signatures)).toEqual(['roost.test']);
});

test.each(['10', '11', '12'])('another server would accept every event of version %s', async (id) => {
  const version = roomVersion(id);
  if (!version) throw new Error('no such version');
  const room = await makeRoom({ version: id, name: 'Street' });
  const sent = eventIdOf(await room.send(alice, 'hello'));
  await room.member(bob, 'join');
  await room.member(bob, 'leave');
  await room.member(bob, 'invite', alice);
  await room.member(bob, 'join');
  await room.state(alice, 'm.room.power_levels', { users: id === '12' ? {} : { [alice]: 100 }, invite: 50 });
  await room.rpc.append({ sender: alice, type: 'm.room.redaction', content: {}, redacts: sent });
  const rows = await runInDurableObject(roomStub(room.roomId), (_, { storage }) =>
    storage.sql
      .exec<{ event_id: string; pdu: string }>('SELECT event_id, pdu FROM events ORDER BY position')
      .toArray(),
  );
  expect(rows.length).toBe(14);
  const { serverName, signingKey } = readConfig(env as unknown as Env);
  const publicKey = ed25519PublicKey(signingKey.seed);
  const known = new Map<string, Pdu>();
  const state = new Map<string, [id: string, pdu: Pdu]>();
  for (const row of rows) {
    const parsed = parsePdu(JSON.parse(row.pdu), version);
    if (parsed.kind !== 'pdu') throw new Error(parsed.reason);
    const { pdu } = parsed;
    expect(protocolEventId(pdu, version)).toBe(row.event_id);
    if (row.event_id !== sent) expect(hasValidContentHash(pdu, version)).toBe(true);
    expect(verifyPdu(pdu, version, serverName, signingKey.keyId, publicKey)).toBe(true);
    const selected = authTypesFor(pdu, version).flatMap((key) => state.get(key.join('\n'))?.[0] ?? []);
    expect(pdu.auth_events.toSorted()).toEqual(selected.toSorted());
    const named = authEventIds(pdu).map((eventId) => known.get(eventId) as Pdu);
    const checked = checkAuthEvents(
      pdu,
      named.map((one) => ({ pdu: one, rejected: false })),
      version,
    );
    expect(checked).toEqual({ kind: 'allowed' });
    const before = { get: (type: string, key: string) => state.get(`${type}\n${key}`)?.[1] };
    expect(authorize(pdu, before, version)).toEqual({ kind: 'allowed' });
    known.set(row.event_id, pdu);
    if (pdu.state_key !== undefined) state.set(`${pdu.type}\n${pdu.state_key}`, [row.event_id, pdu]);
  }
});

test('a repeated transaction gives the same event, another device or user a new one', async () => {
  const room = await makeRoom();
  const transaction = { deviceId: 'PHONE', txnId: 'm1' };
  const first = await room.send(alice, 'once', { transaction });
  expect(await room.send(alice, 'twice', { transaction })).toEqual(first);
  const other = await room.send(alice, 'once', { transaction: { deviceId: 'LAPTOP', txnId: 'm1' } });
  expect(eventIdOf(other)).not.toBe(eventIdOf(first));
});

test('refusals: strangers, power, size, floats, unknown membership', async () => {
  const room = await makeRoom();
  expect(await room.send(bob, 'let me in')).toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' });
  eventIdOf(await room.member(bob, 'join'));
  expect(await room.state(bob, 'm.room.name', { name: 'x' })).toMatchObject({ status: 403 });
  expect(await room.send(alice, 'x'.repeat(65_000))).toMatchObject({ status: 413, errcode: 'M_TOO_LARGE' });
  expect(await room.send(alice, '', { content: { body: 'pi', value: 3.14 } })).toMatchObject({
    status: 400,
    errcode: 'M_BAD_JSON',
  });
  expect(await room.send(alice, '', { type: 'x'.repeat(256) })).toMatchObject({ status: 413 });
  expect(await room.member(alice, 'ghost')).toMatchObject({ status: 400, errcode: 'M_BAD_JSON' });
  const page = await room.rpc.readMessages({ userId: alice, dir: 'b', limit: 1 });
  expect(page).toMatchObject({ chunk: [{ type: 'm.room.member', state_key: bob }] });
});

test('state that says the same is the same event', async () => {
  const room = await makeRoom();
  const first = await room.state(alice, 'm.room.name', { name: 'Hall' });
  expect(await room.state(alice, 'm.room.name', { name: 'Hall' })).toEqual(first);
  const second = await room.state(alice, 'm.room.name', { name: 'Cellar' });
  expect(eventIdOf(second)).not.toBe(eventIdOf(first));
  expect(await room.rpc.readStateEvent(alice, 'm.room.name', '')).toMatchObject({
    event: {
      content: { name: 'Cellar' },
      unsigned: { prev_content: { name: 'Hall' }, replaces_state: eventIdOf(first) },
    },
  });
});

test('memberships follow the rules', async () => {
  const room = await makeRoom();
  const joined = await room.member(bob, 'join');
  expect(await room.member(bob, 'join')).toEqual(joined);
  expect(await room.member(bob, 'invite', alice)).toMatchObject({ status: 403 });
  eventIdOf(await room.member(bob, 'ban', alice));
  expect(await room.member(bob, 'join')).toMatchObject({ status: 403 });
  const unban = {
    sender: alice,
    type: 'm.room.member',
    stateKey: bob,
    content: { membership: 'leave' },
    onlyFrom: ['ban' as const],
  };
  eventIdOf(await room.rpc.append(unban));
  expect(await room.rpc.append(unban)).toMatchObject({ status: 403 });
  expect(await room.member(carol, 'knock')).toMatchObject({ status: 403 });
  eventIdOf(await room.state(alice, 'm.room.join_rules', { join_rule: 'knock' }));
  eventIdOf(await room.member(carol, 'knock'));
  eventIdOf(await room.member(carol, 'invite', alice));
  eventIdOf(await room.member(carol, 'join'));

  const left = await room.member(carol, 'leave');
  expect(await room.member(carol, 'leave')).toEqual(left);
  expect(
    await room.state(carol, 'm.room.member', { membership: 'leave', reason: 'again' }, carol),
  ).toMatchObject({ status: 403 });
});

test('the same reaction is taken once, until it is redacted', async () => {
  const room = await makeRoom();
  eventIdOf(await room.member(bob, 'join'));
  const target = eventIdOf(await room.send(alice, 'react to this'));
  const react = (sender: UserId, key: string, more: Partial<AppendInput> = {}, eventId = target) => {
    const relation = { rel_type: 'm.annotation', event_id: eventId, key };
    return room.rpc.append({ sender, type: 'm.reaction', content: { 'm.relates_to': relation }, ...more });
  };
  const transaction = { deviceId: 'PHONE', txnId: 'once' };
  const first = await react(bob, '👍', { transaction });
  expect(await react(bob, '👍', { transaction })).toEqual(first);
  expect(await react(bob, '👍')).toMatchObject({ status: 400, errcode: 'M_DUPLICATE_ANNOTATION' });
  for (const other of [
    react(bob, '👎'),
    react(alice, '👍'),
    react(bob, '👍', { type: 'org.example.mark' }),
    react(bob, '👍', {}, eventIdOf(first)),
  ]) {
    eventIdOf(await other);
  }
  const redacts = eventIdOf(first);
  eventIdOf(await room.rpc.append({ sender: bob, type: 'm.room.redaction', content: {}, redacts }));
  eventIdOf(await react(bob, '👍'));
  expect(await react(bob, '👍')).toMatchObject({ errcode: 'M_DUPLICATE_ANNOTATION' });
});
