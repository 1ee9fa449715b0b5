import type { MatrixClient } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateAuthority } from '../../harness/federation/certificates.ts';
import { type FederatedRoost, startFederatedRoost } from '../../harness/federation/federated-roost.ts';
import { type Credentials, logIn, register, startClient } from '../../harness/matrix-client.ts';
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
}, 120_000);
