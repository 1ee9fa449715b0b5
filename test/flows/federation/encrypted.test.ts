import { EventType, type MatrixClient, MsgType, Preset } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateAuthority } from '../../harness/federation/certificates.ts';
import { type FederatedRoost, startFederatedRoost } from '../../harness/federation/federated-roost.ts';
import { type Credentials, logIn, register, startClient, waitForEvent } from '../../harness/matrix-client.ts';
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
  for (const client of [a, b]) {
    await client.getCrypto()?.bootstrapCrossSigning({
      authUploadDeviceSigningKeys: async (makeRequest) => {
        await makeRequest(null);
      },
    });
  }
  const { room_id: roomId } = await a.createRoom({
    preset: Preset.TrustedPrivateChat,
    invite: [bob.userId],
    is_direct: true,
    initial_state: [
      { type: EventType.RoomEncryption, state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
    ],
  });
  await waitFor('the invitation', () => b.getRoom(roomId)?.getMyMembership() === 'invite');
  await b.joinRoom(roomId);
  await waitFor('the join', () => a.getRoom(roomId)?.getMember(bob.userId)?.membership === 'join');
  const say = (client: MatrixClient, body: string) =>
    client.sendMessage(roomId, { msgtype: MsgType.Text, body });
  const sees = (client: MatrixClient, body: string) =>
    waitForEvent(client, roomId, (event) => event.getContent().body === body && event.isEncrypted());
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
