import { EventType, type MatrixClient, MsgType, Preset } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { api, logIn, register, startClient, waitForEvent } from '../harness/matrix-client.ts';
import { Roost } from '../harness/roost.ts';
import { SecretStore } from '../harness/secret-store.ts';
import { waitFor } from '../harness/wait-for.ts';

let roost: Roost;

beforeAll(async () => {
  roost = await Roost.start();
});

afterAll(() => roost?.stopAndRemove());

test('what is said while somebody is logged out everywhere can be read at the next login', async () => {
  const secrets = new SecretStore();
  const start = (credentials: Awaited<ReturnType<typeof register>>) =>
    startClient(roost.url, credentials, { crypto: true, cryptoCallbacks: secrets.callbacks });
  const first = await start(await register(roost.url, 'alice'));
  const b = await startClient(roost.url, await register(roost.url, 'bob'), { crypto: true });
  let second: MatrixClient | undefined;
  try {
    await secrets.setUp(first);
    await first.getCrypto()?.startDehydration();
    const { room_id: roomId } = await b.createRoom({
      preset: Preset.TrustedPrivateChat,
      invite: [first.getSafeUserId()],
      initial_state: [
        { type: EventType.RoomEncryption, state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      ],
    });
    await waitFor('the invitation', () => first.getRoom(roomId)?.getMyMembership() === 'invite');
    await first.joinRoom(roomId);
    await waitFor('the join', () => b.getRoom(roomId)?.getJoinedMemberCount() === 2);

    await first.logout(true);
    await waitFor('the end of the session', async () => {
      const devices = await b.getCrypto()?.getUserDeviceInfo([first.getSafeUserId()], true);
      const left = [...(devices?.get(first.getSafeUserId())?.values() ?? [])];
      return left.length === 1 && left[0]?.dehydrated;
    });
    // Each with a key of its own.
    for (let index = 0; index < 3; index += 1) {
      await b.getCrypto()?.forceDiscardSession(roomId);
      await b.sendMessage(roomId, { msgtype: MsgType.Text, body: `while you were out ${index}` });
    }
    await roost.kill();
    await roost.start();

    second = await start(await logIn(roost.url, 'alice'));
    const token = second.getAccessToken() ?? '';
    const path = 'unstable/org.matrix.msc3814.v1/dehydrated_device';
    const { device_id: former } = await api(roost.url, token, 'GET', path);
    await secrets.restore(second);
    await second.getCrypto()?.startDehydration();
    for (let index = 0; index < 3; index += 1) {
      const isIt = (body: unknown) => body === `while you were out ${index}`;
      await waitForEvent(second, roomId, (event) => event.isEncrypted() && isIt(event.getContent().body));
    }
    expect((await api(roost.url, token, 'GET', path)).device_id).not.toBe(former);
    const { devices } = await second.getDevices();
    expect(devices.map(({ device_id: id }) => id)).toEqual([second.getDeviceId()]);
  } finally {
    for (const client of [first, b, second]) client?.stopClient();
  }
}, 120_000);
