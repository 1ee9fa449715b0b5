import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAdministrator } from '../../attacks/lib/administrator.ts';
import { ask, Person, p } from '../../attacks/lib/attacker.ts';
import { CertificateAuthority } from '../../harness/federation/certificates.ts';
import { type FederatedRoost, startFederatedRoost } from '../../harness/federation/federated-roost.ts';

/** What an administrator does reaches what comes from other servers. */
const ca = new CertificateAuthority();
let here: FederatedRoost;
let there: FederatedRoost;
let alice: Person;
let bob: Person;
let root: Person;

beforeAll(async () => {
  [here, there] = await Promise.all([startFederatedRoost({ ca }), startFederatedRoost({ ca })]);
  alice = await Person.register(here.url, 'alice');
  bob = await Person.register(there.url, 'bob');
  root = await makeAdministrator(there.url, 'root');
}, 120_000);

afterAll(async () => {
  await Promise.all([here?.stopAndRemove(), there?.stopAndRemove()]);
});

const admin = (method: string, path: string, body: object = {}) =>
  ask(there.url, method, `/_synapse/admin/v1${path}`, { token: root.accessToken, body });

test('a room of another server that is blocked takes nobody of ours, and nobody of ours is invited', async () => {
  const roomId = await alice.createRoom({ preset: 'public_chat' });
  await admin('PUT', p`/rooms/${roomId}/block`, { block: true });
  const refused = { status: 403, body: { errcode: 'M_FORBIDDEN' } };
  const join = () => bob.call('POST', p`/v3/join/${roomId}?via=${here.serverName}`, {});
  const invite = () => alice.call('POST', p`/v3/rooms/${roomId}/invite`, { user_id: bob.userId });
  expect(await join()).toMatchObject(refused);
  expect((await invite()).status).not.toBe(200);
  await admin('PUT', p`/rooms/${roomId}/block`, { block: false });
  expect((await invite()).status).toBe(200);
  expect((await join()).status).toBe(200);
});

test('a file of another server that is in quarantine is found no more', async () => {
  const upload = await fetch(`${here.url}/_matrix/media/v3/upload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${alice.accessToken}`, 'content-type': 'text/plain' },
    body: 'a file from elsewhere',
  });
  const { content_uri: uri } = (await upload.json()) as { content_uri: string };
  const path = uri.replace('mxc://', '');
  const download = async () => (await bob.call('GET', `/v1/media/download/${path}`)).status;
  expect(await download()).toBe(200);
  await admin('POST', `/media/quarantine/${path}`);
  expect(await download()).toBe(404);
  await admin('POST', `/media/unquarantine/${path}`);
  expect(await download()).toBe(200);
});
