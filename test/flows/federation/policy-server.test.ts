import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeKey, publicKeyOf } from '../../../homeserver/src/federation/testing/peer.ts';
import { eventIdOf } from '../../../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../../../homeserver/src/protocol/pdu.ts';
import { roomVersion } from '../../../homeserver/src/protocol/room-versions.ts';
import { hashAndSign, signPdu } from '../../../homeserver/src/protocol/signatures.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { CertificateAuthority } from '../../harness/federation/certificates.ts';
import { type FederatedRoost, startFederatedRoost } from '../../harness/federation/federated-roost.ts';
import { FederationServer, type Received, sendJson } from '../../harness/federation/federation-server.ts';
import { api, type Credentials, newTxnId, register } from '../../harness/matrix-client.ts';
import { waitFor } from '../../harness/wait-for.ts';

/** Two servers in a room with a policy server, which dislikes all that says "spam". */
const ca = new CertificateAuthority();
const version = roomVersion('11');
if (!version) throw new Error('no version 11');
const policyKey = makeKey('policy_server');
const signPath = '/_matrix/policy/v1/sign';
let here: FederatedRoost;
let there: FederatedRoost;
let police: FederationServer;
let alice: Credentials;
let bob: Credentials;
let roomId: string;
let officer: string;
let transactions = 0;

const atAlice = <T = JsonObject>(method: string, path: string, body?: object) =>
  api<T>(here.url, alice.accessToken, method, path, body);
const atBob = <T = JsonObject>(method: string, path: string, body?: object) =>
  api<T>(there.url, bob.accessToken, method, path, body);

interface StateEvent {
  type: string;
  state_key: string;
  event_id: string;
}

const inRoom = () => `v3/rooms/${encodeURIComponent(roomId)}`;

beforeAll(async () => {
  [here, there] = await Promise.all([startFederatedRoost({ ca }), startFederatedRoost({ ca })]);
  police = await FederationServer.start({ ca });
  officer = `@officer:${police.name}`;
  police.on('POST', signPath, judge);
  alice = await register(here.url, 'alice');
  bob = await register(there.url, 'bob');
  const options = { preset: 'public_chat', room_version: '11' };
  ({ room_id: roomId } = await atAlice<{ room_id: string }>('POST', 'v3/createRoom', options));
  await atBob('POST', `v3/join/${encodeURIComponent(roomId)}?via=${here.serverName}`, {});
  const { pdu, eventId } = sign(await template());
  const path = `v2/send_join/${encodeURIComponent(roomId)}/${encodeURIComponent(eventId)}`;
  expect((await ask('PUT', path, pdu)).status).toBe(200);
  await atAlice('PUT', `${inRoom()}/state/m.room.policy/`, {
    via: police.name,
    public_keys: { ed25519: publicKeyOf(policyKey.seed) },
  });
  await waitFor('the policy on the other server', async () =>
    (await atBob<StateEvent[]>('GET', `${inRoom()}/state`)).some(({ type }) => type === 'm.room.policy'),
  );
}, 120_000);

afterAll(async () => {
  await police?.stop();
  await Promise.all([here?.stopAndRemove(), there?.stopAndRemove()]);
});

function judge({ body }: Received, response: ServerResponse): void {
  if (JSON.stringify(body.content).includes('spam')) {
    sendJson(response, 400, { errcode: 'M_FORBIDDEN', error: 'No spam here' });
    return;
  }
  if (!version) return;
  const { signatures } = signPdu(body, version, police.name, policyKey);
  const signature = signatures[police.name]?.[policyKey.keyId] ?? '';
  sendJson(response, 200, { [police.name]: { [policyKey.keyId]: signature } });
}

const ask = (method: string, path: string, body?: JsonObject) =>
  police.send(here, method, `/_matrix/federation/${path}`, body);

async function template(): Promise<JsonObject> {
  const path = `v1/make_join/${encodeURIComponent(roomId)}/${encodeURIComponent(officer)}?ver=11`;
  return (await ask('GET', path)).body.event as JsonObject;
}

function sign(event: JsonObject): { pdu: JsonObject; eventId: string } {
  if (!version) throw new Error('no version 11');
  const pdu = hashAndSign({ ...event, origin_server_ts: Date.now() }, version, police.name, police.key);
  return { pdu, eventId: eventIdOf(pdu as unknown as Pdu, version) };
}

/** A message of a user there that nobody has asked the policy server about. */
async function unasked(body: string): Promise<void> {
  const { prev_events, depth } = await template();
  const state = await atAlice<StateEvent[]>('GET', `${inRoom()}/state`);
  const auth = state.filter(
    ({ type, state_key }) =>
      ['m.room.create', 'm.room.power_levels'].includes(type) ||
      (type === 'm.room.member' && state_key === officer),
  );
  const { pdu, eventId } = sign({
    type: 'm.room.message',
    sender: officer,
    room_id: roomId,
    content: { msgtype: 'm.text', body },
    prev_events: prev_events as string[],
    auth_events: auth.map(({ event_id }) => event_id),
    depth: depth as number,
  });
  const content = { origin: police.name, origin_server_ts: Date.now(), pdus: [pdu], edus: [] };
  const { body: answer } = await ask('PUT', `v1/send/${++transactions}`, content);
  expect(answer).toEqual({ pdus: { [eventId]: {} } });
}

const say = (body: string, txnId = newTxnId()) =>
  atAlice('PUT', `${inRoom()}/send/m.room.message/${txnId}`, { msgtype: 'm.text', body });

async function messages(call: typeof atAlice): Promise<unknown[]> {
  const { chunk } = await call<{ chunk: { type: string; content: JsonObject }[] }>(
    'GET',
    `${inRoom()}/messages?dir=b&limit=100`,
  );
  return chunk.filter(({ type }) => type === 'm.room.message').map(({ content }) => content.body);
}

const timesAsked = (body: string) =>
  police.askedFor(signPath).filter((received) => (received.body.content as JsonObject).body === body).length;

test('what the policy server signs reaches the other server, which need not ask again', async () => {
  await say('hello');
  await waitFor('the message', async () => (await messages(atBob)).includes('hello'));
  expect(timesAsked('hello')).toBe(1);
});

test('what it refuses is sent to nobody, and the client is told why', async () => {
  await expect(say('buy spam')).rejects.toThrow(/M_FORBIDDEN.*No spam here/s);
  await say('after it');
  await waitFor('the next message', async () => (await messages(atBob)).includes('after it'));
  expect(await messages(atAlice)).not.toContain('buy spam');
  expect(await messages(atBob)).not.toContain('buy spam');
});

test('what others send without asking is asked for, and shown only if it is signed', async () => {
  await unasked('more spam');
  await unasked('all well');
  expect([timesAsked('more spam'), timesAsked('all well')]).toEqual([1, 1]);
  expect(await messages(atAlice)).toContain('all well');
  expect(await messages(atAlice)).not.toContain('more spam');
});

test('events that were to be sent later are asked for when they are, and what it refuses is gone', async () => {
  // The answer is that of MSC4140, which the specification does not know.
  const schedule = async (body: string, delayMs: number): Promise<{ delay_id: string }> => {
    const path = `${inRoom()}/send/m.room.message/${newTxnId()}?org.matrix.msc4140.delay=${delayMs}`;
    const answer = await fetch(`${here.url}/_matrix/client/${path}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${alice.accessToken}` },
      body: JSON.stringify({ msgtype: 'm.text', body }),
    });
    return (await answer.json()) as { delay_id: string };
  };
  const scheduled = 'unstable/org.matrix.msc4140/delayed_events';
  await schedule('later spam', 100);
  const { delay_id: delayId } = await schedule('much later', 600_000);
  await atAlice('POST', `${scheduled}/${delayId}`, { action: 'send' });
  await schedule('a little later', 200);
  await waitFor('what it signs', async () => {
    const shown = await messages(atBob);
    return shown.includes('much later') && shown.includes('a little later');
  });
  await waitFor('what it refuses', async () => timesAsked('later spam') === 1);
  expect(await messages(atAlice)).not.toContain('later spam');
  expect([timesAsked('much later'), timesAsked('a little later')]).toEqual([1, 1]);
});

test('while it is away nothing is sent or shown, but the room can let it go', async () => {
  police.on('POST', signPath, (_, response) => void response.socket?.destroy());
  await expect(say('into silence', 'again')).rejects.toThrow('M_UNKNOWN');
  await unasked('from the dark');
  expect(await messages(atAlice)).not.toContain('from the dark');
  expect(await messages(atAlice)).not.toContain('into silence');
  await atAlice('PUT', `${inRoom()}/state/m.room.policy/`, {});
  await say('into silence', 'again');
  await waitFor('the message', async () => (await messages(atBob)).includes('into silence'));
});
