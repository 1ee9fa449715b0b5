import { beforeAll, expect, test, vi } from 'vitest';
import type { RoomId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { openD1 } from '../../../platform/d1.ts';
import {
  alice,
  bob,
  call,
  createRoom,
  setUpPeople,
  stateContent,
  testEnv,
} from '../api/client/testing/people.ts';
import { readConfig } from '../config.ts';
import { makeStubs } from '../objects/stubs.ts';
import { inviteAddress } from './invite-address.ts';

beforeAll(setUpPeople, 60_000);

const idServer = 'id.example.com';
const address = { idServer, idAccessToken: 'secret', medium: 'email', address: 'bob@example.com' };
/** SHA-256 of "bob@example.com email pepper". */
const hash = '65qY3lfIrTde6xWyyU2k747bD7TbgndXA5DRyzpLBno';

interface Sent {
  url: string;
  body: JsonObject | undefined;
  token: string | null;
}

/** Invites by an identity server that answers as told. */
async function invite(roomId: string, answers: Record<string, JsonObject | number>, sender = alice) {
  const sent: Sent[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const token = new Headers(init.headers).get('authorization');
    sent.push({ url, token, body: init.body ? JSON.parse(String(init.body)) : undefined });
    const answer = answers[url.split('/').at(-1) ?? ''];
    return typeof answer === 'number' ? Response.json({}, { status: answer }) : Response.json(answer ?? {});
  });
  const config = { ...readConfig(testEnv), identityServers: [idServer] };
  const parts = { db: openD1(testEnv.DB, false), env: testEnv, config, stubs: makeStubs(testEnv) };
  const error = await inviteAddress(parts, roomId as RoomId, sender, address).then(
    () => undefined,
    (thrown: unknown) => thrown as { status: number; errcode: string },
  );
  return { sent, error };
}

const details = { lookup_pepper: 'pepper', algorithms: ['none', 'sha256'] };
const key = { public_key: 'a2V5', key_validity_url: 'https://id.example.com/valid' };
const stored = { token: 'tok', public_keys: [key], display_name: 'b…@e…' };

test('an address that nobody has bound gets an offer that waits', async () => {
  const { roomId } = await createRoom(alice, { name: 'Tea' });
  const { sent, error } = await invite(roomId, {
    hash_details: details,
    lookup: { mappings: {} },
    'store-invite': stored,
  });
  expect(error).toBeUndefined();
  expect(sent.map(({ url }) => url)).toEqual(
    ['hash_details', 'lookup', 'store-invite'].map(
      (path) => `https://${idServer}/_matrix/identity/v2/${path}`,
    ),
  );
  expect(sent.every(({ token }) => token === 'Bearer secret')).toBe(true);
  expect(sent[1]?.body).toMatchObject({ algorithm: 'sha256', pepper: 'pepper', addresses: [hash] });
  expect(sent[2]?.body).toMatchObject({
    medium: 'email',
    address: 'bob@example.com',
    room_id: roomId,
    sender: alice,
    room_name: 'Tea',
    room_join_rules: 'invite',
  });
  expect((await stateContent(alice, roomId, 'm.room.third_party_invite', 'tok')).body).toEqual({
    display_name: 'b…@e…',
    ...key,
    public_keys: [key],
  });
});

test('an address that is known is the user that it belongs to', async () => {
  const { roomId } = await createRoom(alice);
  const { error } = await invite(roomId, { hash_details: details, lookup: { mappings: { [hash]: bob } } });
  expect(error).toBeUndefined();
  expect((await stateContent(alice, roomId, 'm.room.member', bob)).body).toMatchObject({
    membership: 'invite',
  });
});

test('nobody is asked for who may not invite', async () => {
  const { roomId } = await createRoom(alice, { preset: 'public_chat' });
  for (const join of [false, true]) {
    if (join) await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
    const { sent, error } = await invite(roomId, { hash_details: details }, bob);
    expect(error).toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' });
    expect(sent).toEqual([]);
  }
});

test.each<[string, Record<string, JsonObject | number>]>([
  ['fails', { hash_details: 500 }],
  ['speaks otherwise', { hash_details: { other: true } }],
  ['refuses to store', { hash_details: details, lookup: { mappings: {} }, 'store-invite': 400 }],
  [
    'gives a token that is none',
    { hash_details: details, lookup: { mappings: {} }, 'store-invite': { ...stored, token: 'a/b' } },
  ],
])('an identity server that %s leaves nothing in the room', async (_, answers) => {
  const { roomId } = await createRoom(alice);
  const { error } = await invite(roomId, answers);
  expect(error).toMatchObject({ status: 502, errcode: 'M_UNKNOWN' });
  const state = (await call(alice, 'GET', `/v3/rooms/${encodeURIComponent(roomId)}/state`)).body;
  expect((state as unknown as JsonObject[]).map((event) => event.type)).not.toContain(
    'm.room.third_party_invite',
  );
});

test('only servers that the owner allows are asked', async () => {
  const { roomId } = await createRoom(alice);
  const fetched = vi.fn();
  vi.stubGlobal('fetch', fetched);
  const db = openD1(testEnv.DB, false);
  const config = readConfig(testEnv);
  const ask = (identityServers: string[]) =>
    inviteAddress(
      { db, env: testEnv, config: { ...config, identityServers }, stubs: makeStubs(testEnv) },
      roomId as RoomId,
      alice,
      address,
    );
  await expect(ask([])).rejects.toMatchObject({ errcode: 'M_THREEPID_DENIED' });
  await expect(ask(['other.example.com'])).rejects.toMatchObject({ errcode: 'M_SERVER_NOT_TRUSTED' });
  expect(fetched).not.toHaveBeenCalled();
});
