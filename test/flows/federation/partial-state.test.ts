import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../matrix/json.ts';
import { CertificateAuthority } from '../../harness/federation/certificates.ts';
import { type FederatedRoost, startFederatedRoost } from '../../harness/federation/federated-roost.ts';
import { type Gate, gateBefore } from '../../harness/federation/gate.ts';
import { api, type Credentials, newTxnId, register } from '../../harness/matrix-client.ts';
import { waitFor } from '../../harness/wait-for.ts';

/** A room is joined at a server that does not give its members yet. */
const ca = new CertificateAuthority();
const memberCount = 40;
const members: Credentials[] = [];
let here: FederatedRoost;
let there: FederatedRoost;
let gate: Gate;
let alice: Credentials;
let bob: Credentials;
let roomId: string;

const atHere = <T = JsonObject>(who: Credentials, method: string, path: string, body?: object) =>
  api<T>(here.url, who.accessToken, method, path, body);
const atBob = <T = JsonObject>(method: string, path: string, body?: object) =>
  api<T>(there.url, bob.accessToken, method, path, body);
const inRoom = () => `v3/rooms/${encodeURIComponent(roomId)}`;
const say = (body: string) => `${inRoom()}/send/m.room.message/${newTxnId()}?${body}`;

interface SyncAnswer {
  next_batch: string;
  rooms?: { join?: Record<string, { timeline: { events: JsonObject[] }; state: { events: JsonObject[] } }> };
}

const lazy = { room: { state: { lazy_load_members: true } } };
const sync = (filter: object, more = '') =>
  atBob<SyncAnswer>('GET', `v3/sync?filter=${encodeURIComponent(JSON.stringify(filter))}${more}`);

async function messages(read: () => Promise<{ chunk: JsonObject[] }>): Promise<unknown[]> {
  const { chunk } = await read();
  return chunk
    .filter(({ type }) => type === 'm.room.message')
    .map(({ content }) => (content as JsonObject).body);
}
const messagesPath = () => `${inRoom()}/messages?dir=b&limit=50`;

beforeAll(async () => {
  here = await startFederatedRoost({ ca });
  const { serverName, federationPort } = here;
  gate = await gateBefore(ca, federationPort, (path) => path.includes('/federation/v1/state/'));
  there = await startFederatedRoost({ ca, hosts: { [serverName]: gate.address } });
  alice = await register(here.url, 'alice');
  bob = await register(there.url, 'bob');
  const options = { preset: 'public_chat', name: 'Many', room_version: '11' };
  ({ room_id: roomId } = await atHere<{ room_id: string }>(alice, 'POST', 'v3/createRoom', options));
  for (let number = 0; number < memberCount; number++) {
    const member = await register(here.url, `member${number}`);
    members.push(member);
    await atHere(member, 'POST', `v3/join/${encodeURIComponent(roomId)}`, {});
  }
}, 120_000);

afterAll(async () => {
  await Promise.all([here?.stopAndRemove(), there?.stopAndRemove()]);
  await gate?.stop();
});

test('the room is there at once, and talk goes both ways, while its members are kept back', async () => {
  await atBob('POST', `v3/join/${encodeURIComponent(roomId)}?via=${here.serverName}`, {});
  await waitFor('the room', async () => (await sync(lazy)).rooms?.join?.[roomId] !== undefined);
  await waitFor('the question for the members', () => gate.waiting() > 0);
  expect((await sync({})).rooms?.join?.[roomId], 'without its members it is not shown').toBeUndefined();

  const [talker] = members;
  if (!talker) throw new Error('nobody');
  await atHere(talker, 'PUT', say('a'), { msgtype: 'm.text', body: 'hello from here' });
  const atThere = () => messages(() => atBob('GET', messagesPath()));
  await waitFor('the message', async () => (await atThere()).includes('hello from here'));
  await atBob('PUT', say('b'), { msgtype: 'm.text', body: 'hello from there' });
  const atAlices = () => messages(() => atHere(alice, 'GET', messagesPath()));
  await waitFor('the answer', async () => (await atAlices()).includes('hello from there'));
  const shown = (await sync(lazy)).rooms?.join?.[roomId];
  expect(shown?.state.events, 'who talks is shown').toContainEqual(
    expect.objectContaining({ type: 'm.room.member', state_key: talker.userId }),
  );
});

test('after kill -9 the members are asked for again, and who waits for them gets them all', async () => {
  const { next_batch: since } = await sync({});
  await there.roost.kill();
  await there.roost.start();
  await waitFor('the question for the members', () => gate.waiting() > 0, undefined, 30_000);
  const everyone = atBob<{ chunk: JsonObject[] }>('GET', `${inRoom()}/members`);
  const woken = sync({}, `&since=${since}&timeout=30000`);
  gate.open();
  expect((await everyone).chunk).toHaveLength(memberCount + 2);
  const room = (await woken).rooms?.join?.[roomId];
  const all = [...(room?.state.events ?? []), ...(room?.timeline.events ?? [])];
  const people = new Set(all.filter(({ type }) => type === 'm.room.member').map((event) => event.state_key));
  expect(people.size).toBe(memberCount + 2);
});
