import { EventType, HistoryVisibility, type MatrixClient, Preset } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  api,
  type Credentials,
  logIn,
  register,
  startClient,
  waitForEvent,
} from '../harness/matrix-client.ts';
import { Roost } from '../harness/roost.ts';
import { SecretStore } from '../harness/secret-store.ts';
import { waitFor } from '../harness/wait-for.ts';

/** How people read what was said before their client was there. */

let roost: Roost;
let alice: Credentials;
const secrets = new SecretStore();
const clients: MatrixClient[] = [];

async function start(credentials: Credentials, cryptoCallbacks = {}): Promise<MatrixClient> {
  const client = await startClient(roost.url, credentials, { crypto: true, cryptoCallbacks });
  clients.push(client);
  return client;
}

let a: MatrixClient;
let roomId: string;

beforeAll(async () => {
  roost = await Roost.start();
  alice = await register(roost.url, 'alice');
  a = await start(alice, secrets.callbacks);
  await secrets.setUp(a);
  const created = await a.createRoom({
    preset: Preset.PrivateChat,
    initial_state: [
      { type: EventType.RoomEncryption, state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      {
        type: EventType.RoomHistoryVisibility,
        state_key: '',
        content: { history_visibility: HistoryVisibility.Shared },
      },
    ],
  });
  roomId = created.room_id;
  await waitFor('the room', () => a.getRoom(roomId)?.hasEncryptionStateEvent());
  await a.sendTextMessage(roomId, 'said before anybody came');
});

afterAll(async () => {
  for (const client of clients) client.stopClient();
  await roost?.stopAndRemove();
});

const reads = (client: MatrixClient) =>
  waitForEvent(
    client,
    roomId,
    (event) => event.isEncrypted() && event.getContent().body === 'said before anybody came',
  );

test('a second device brings the identity and the keys back with the recovery key alone', async () => {
  await waitFor('the backup', async () => {
    const backup = await api(roost.url, alice.accessToken, 'GET', 'v3/room_keys/version');
    return Number(backup.count) > 0;
  });
  const second = await start(await logIn(roost.url, 'alice'), secrets.callbacks);
  await secrets.restore(second);
  const crypto = second.getCrypto();
  await crypto?.loadSessionBackupPrivateKeyFromSecretStorage();
  await crypto?.checkKeyBackupAndEnable();
  const { imported } = (await crypto?.restoreKeyBackup()) ?? { imported: 0 };
  expect(imported).toBeGreaterThan(0);
  await reads(second);
  const status = await crypto?.getDeviceVerificationStatus(alice.userId, second.getDeviceId() ?? '');
  expect(status?.crossSigningVerified).toBe(true);
});

test('who is invited with the history reads it (MSC4268)', async () => {
  const b = await start(await register(roost.url, 'bob'));
  await b.getCrypto()?.bootstrapCrossSigning({
    authUploadDeviceSigningKeys: async (makeRequest) => {
      await makeRequest(null);
    },
  });
  await a.invite(roomId, b.getSafeUserId(), { shareEncryptedHistory: true });
  await waitFor('the invitation', () => b.getRoom(roomId)?.getMyMembership() === 'invite');
  await b.joinRoom(roomId, { acceptSharedHistory: true });
  const room = await waitFor('the join', () => {
    const found = b.getRoom(roomId);
    return found?.getMyMembership() === 'join' && found;
  });
  await b.scrollback(room, 30);
  await reads(b);
});
