import type { MatrixClient } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateAuthority } from '../../harness/federation/certificates.ts';
import { type FederatedRoost, startFederatedRoost } from '../../harness/federation/federated-roost.ts';
import { api, type Credentials, logIn, register, startClient } from '../../harness/matrix-client.ts';
import { startSecretTalk } from '../../harness/secret-talk.ts';
import { verifyUsers } from '../../harness/verify-users.ts';
import { waitFor } from '../../harness/wait-for.ts';

const ca = new CertificateAuthority();
const clients: MatrixClient[] = [];
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
  for (const client of clients) client.stopClient();
  await Promise.all([here?.stopAndRemove(), there?.stopAndRemove()]);
});

async function start(server: FederatedRoost, credentials: Credentials): Promise<MatrixClient> {
  const client = await startClient(server.url, credentials, { crypto: true });
  clients.push(client);
  return client;
}

test('an encrypted conversation over two servers, verified, and with a device that is added later', async () => {
  const a = await start(here, alice);
  const b = await start(there, bob);
  const { roomId, say, sees } = await startSecretTalk(a, b);
  await say(a, 'a secret from here');
  await sees(b, 'a secret from here');
  await say(b, 'a secret from there');
  await sees(a, 'a secret from there');

  expect(await verifyUsers(a, b, roomId)).toBeDefined();

  const second = await start(there, await logIn(there.url, 'bob'));
  await waitFor('the new device to be known here', async () => {
    const devices = await a.getCrypto()?.getUserDeviceInfo([bob.userId], true);
    return devices?.get(bob.userId)?.has(second.getDeviceId() ?? '');
  });
  await say(a, 'for every device');
  await sees(second, 'for every device');

  interface Keys {
    device_keys: Record<string, Record<string, object>>;
    master_keys: Record<string, { signatures: object }>;
    failures: Record<string, unknown>;
  }
  const keysFor = ({ accessToken }: Credentials) =>
    api<Keys>(here.url, accessToken, 'POST', 'v3/keys/query', { device_keys: { [bob.userId]: [] } });
  const known = await keysFor(alice);
  expect(Object.keys(known.device_keys[bob.userId] ?? {})).toHaveLength(2);
  expect(known.master_keys[bob.userId]?.signatures, 'verified').toHaveProperty([alice.userId]);
  const carol = await register(here.url, 'carol');
  expect((await keysFor(carol)).master_keys[bob.userId]?.signatures).not.toHaveProperty([alice.userId]);
  // The other server is away: its keys are known to those alone who share an encrypted room.
  for (const client of [b, second]) client.stopClient();
  await there.roost.stop();
  expect(await keysFor(alice)).toEqual(known);
  const unknown = await keysFor(carol);
  expect(unknown.device_keys).toEqual({});
  expect(unknown.failures).toHaveProperty([there.serverName]);
}, 120_000);
