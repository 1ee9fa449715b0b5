import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeKey, publicKeyOf } from '../../../homeserver/src/federation/testing/peer.ts';
import { type SigningKey, signJson } from '../../../homeserver/src/protocol/signatures.ts';
import { CertificateAuthority } from '../../harness/federation/certificates.ts';
import { type FederatedRoost, startFederatedRoost } from '../../harness/federation/federated-roost.ts';
import { api, type Credentials, register } from '../../harness/matrix-client.ts';
import { waitFor } from '../../harness/wait-for.ts';

/** What two servers tell each other of people. */
const ca = new CertificateAuthority();
let here: FederatedRoost;
let there: FederatedRoost;
let alice: Credentials;
let bob: Credentials;

beforeAll(async () => {
  [here, there] = await Promise.all([startFederatedRoost({ ca }), startFederatedRoost({ ca })]);
  alice = await register(here.url, 'alice');
  bob = await register(there.url, 'bob');
}, 120_000);

afterAll(async () => {
  await Promise.all([here?.stopAndRemove(), there?.stopAndRemove()]);
});

const atAlice = <T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> =>
  api<T>(here.url, alice.accessToken, method, path, body);
const atBob = <T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> =>
  api<T>(there.url, bob.accessToken, method, path, body);

test('who is there is seen from the other server, by those who share a room', async () => {
  const status = (userId: string) => `v3/presence/${encodeURIComponent(userId)}/status`;
  const [ann, ben] = [await register(here.url, 'ann'), await register(there.url, 'ben')];
  const say = (state: string, words: string) =>
    api(here.url, ann.accessToken, 'PUT', status(ann.userId), { presence: state, status_msg: words });
  const seenBy = (viewer: Credentials) =>
    api<{ presence: string; status_msg?: string; last_active_ago?: number; currently_active?: boolean }>(
      there.url,
      viewer.accessToken,
      'GET',
      status(ann.userId),
    );
  await say('online', 'before');
  const { room_id: roomId } = await api<{ room_id: string }>(
    here.url,
    ann.accessToken,
    'POST',
    'v3/createRoom',
    {
      preset: 'public_chat',
    },
  );
  await api(
    there.url,
    ben.accessToken,
    'POST',
    `v3/join/${encodeURIComponent(roomId)}?via=${here.serverName}`,
    {},
  );
  await waitFor('what was so before', async () => (await seenBy(ben)).status_msg === 'before');
  expect(await seenBy(ben)).toMatchObject({ presence: 'online', currently_active: true });
  expect(await seenBy(bob), 'shares no room').toEqual({ presence: 'offline' });
  await say('unavailable', 'at lunch');
  await waitFor('the news', async () => (await seenBy(ben)).presence === 'unavailable');
  expect(await seenBy(ben)).toMatchObject({ status_msg: 'at lunch', last_active_ago: expect.any(Number) });
  const synced = await api<{ presence: { events: { sender: string; content: object }[] } }>(
    there.url,
    ben.accessToken,
    'GET',
    'v3/sync?set_presence=offline',
  );
  const event = synced.presence.events.find(({ sender }) => sender === ann.userId);
  expect(event?.content).toMatchObject({ presence: 'unavailable', status_msg: 'at lunch' });
  // Who does not share a room any more is not seen any more, nor told.
  await api(here.url, ann.accessToken, 'POST', `v3/rooms/${encodeURIComponent(roomId)}/leave`, {});
  await waitFor('the end of it', async () => (await seenBy(ben)).presence === 'offline');
});

test('who owns an address that was invited elsewhere is invited by what an identity server has signed', async () => {
  const { room_id: roomId } = await atAlice<{ room_id: string }>('POST', 'v3/createRoom', {
    preset: 'private_chat',
  });
  const identityKey = makeKey('0');
  const offer = {
    display_name: 'b…',
    key_validity_url: 'https://id.test/valid',
    public_key: publicKeyOf(identityKey.seed),
  };
  await atAlice(
    'PUT',
    `v3/rooms/${encodeURIComponent(roomId)}/state/m.room.third_party_invite/token1`,
    offer,
  );
  const bind = (key: SigningKey, more: object = {}, user = bob.userId) => {
    const claim = { mxid: bob.userId, sender: alice.userId, token: 'token1', ...more };
    const signed = signJson(claim, 'id.test', key);
    const invites = [
      {
        medium: 'email',
        address: 'bob@there.test',
        mxid: user,
        room_id: roomId,
        sender: alice.userId,
        signed,
      },
    ];
    return fetch(`${there.url}/_matrix/federation/v1/3pid/onbind`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ medium: 'email', address: 'bob@there.test', mxid: user, invites }),
    });
  };
  const memberHere = async () => {
    const state = await atAlice<{ type: string; state_key: string; content: { membership?: string } }[]>(
      'GET',
      `v3/rooms/${encodeURIComponent(roomId)}/state`,
    );
    const isBob = (event: { type: string; state_key: string }) =>
      event.type === 'm.room.member' && event.state_key === bob.userId;
    return state.find(isBob)?.content.membership;
  };
  expect((await bind(makeKey('0'))).status, 'another key').toBe(200);
  expect((await bind(identityKey, { token: 'token2' })).status, 'no such offer').toBe(200);
  expect((await bind(identityKey, { mxid: alice.userId })).status, 'another user').toBe(200);
  expect((await bind(identityKey, {}, `@nobody:${there.serverName}`)).status).toBe(404);
  expect(await memberHere()).toBe(undefined);
  expect((await bind(identityKey)).status).toBe(200);
  expect(await memberHere()).toBe('invite');
  await atBob('POST', `v3/join/${encodeURIComponent(roomId)}`, {});
  await waitFor('him to be in', async () => (await memberHere()) === 'join');
});
