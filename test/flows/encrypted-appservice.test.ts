import { EventType, type MatrixClient, MsgType, Preset } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EncryptingBridge } from '../harness/encrypting-bridge.ts';
import { logIn, register, startClient, waitForEvent } from '../harness/matrix-client.ts';
import { Roost } from '../harness/roost.ts';
import { waitFor } from '../harness/wait-for.ts';

let roost: Roost;
let bridge: EncryptingBridge;

beforeAll(async () => {
  bridge = await EncryptingBridge.start('localhost');
  roost = await Roost.start({ appserviceDir: bridge.appserviceDir });
  await bridge.connect(roost.url);
});

afterAll(async () => {
  bridge?.stop();
  await roost?.stopAndRemove();
});

test('a bridge reads and writes in an encrypted room by the device that it made itself', async () => {
  const alice = await register(roost.url, 'alice');
  const a = await startClient(roost.url, alice, { crypto: true });
  let second: MatrixClient | undefined;
  try {
    const { room_id: roomId } = await a.createRoom({
      preset: Preset.TrustedPrivateChat,
      invite: [bridge.userId],
      initial_state: [
        { type: EventType.RoomEncryption, state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      ],
    });
    await bridge.request('POST', `v3/join/${encodeURIComponent(roomId)}`, {});
    await waitFor('the join', () => a.getRoom(roomId)?.getJoinedMemberCount() === 2);

    const say = (client: MatrixClient, body: string) =>
      client.sendMessage(roomId, { msgtype: MsgType.Text, body });
    const bridgeReads = (body: string) =>
      waitFor(`"${body}" at the bridge`, () => {
        if (bridge.failures.length > 0) throw bridge.failures[0];
        return bridge.read.some((content) => content.body === body);
      });
    const reads = (client: MatrixClient, body: string) =>
      waitForEvent(client, roomId, (event) => event.isEncrypted() && event.getContent().body === body);

    await say(a, 'to the bridge');
    await bridgeReads('to the bridge');
    const toDevice = bridge.transactions.flatMap((one) => one['de.sorunome.msc2409.to_device'] ?? []);
    expect(toDevice[0]).toMatchObject({
      type: 'm.room.encrypted',
      sender: alice.userId,
      to_user_id: bridge.userId,
      to_device_id: bridge.deviceId,
    });

    // One key was claimed for it, and it hears how many are left.
    const countsTold = () =>
      bridge.transactions.flatMap(
        (one) =>
          one['org.matrix.msc3202.device_one_time_keys_count']?.[bridge.userId]?.[bridge.deviceId]
            ?.signed_curve25519 ?? [],
      );
    await waitFor('the counts', () => countsTold().some((count) => count < (countsTold()[0] ?? 0)));
    const types = bridge.transactions.flatMap(
      (one) =>
        one['org.matrix.msc3202.device_unused_fallback_key_types']?.[bridge.userId]?.[bridge.deviceId] ?? [],
    );
    expect(new Set(types)).toEqual(new Set(['signed_curve25519']));

    await bridge.say(roomId, [alice.userId], 'from the bridge');
    await reads(a, 'from the bridge');

    // A new device of hers is told, and gets the key of what is said then.
    const toldBefore = bridge.transactions.length;
    second = await startClient(roost.url, await logIn(roost.url, 'alice'), { crypto: true });
    await waitFor('the changed device list', () =>
      bridge.transactions
        .slice(toldBefore)
        .some((one) => one['org.matrix.msc3202.device_lists']?.changed.includes(alice.userId)),
    );
    await bridge.say(roomId, [alice.userId], 'to both devices');
    await Promise.all([reads(a, 'to both devices'), reads(second, 'to both devices')]);
    await say(second, 'from the second device');
    await bridgeReads('from the second device');
    expect(bridge.failures).toEqual([]);
  } finally {
    for (const client of [a, second]) client?.stopClient();
  }
}, 120_000);

test('a device that it does not have is unknown, and one is deleted without more ado', async () => {
  const unknown = await bridge.request('GET', 'v3/account/whoami', undefined, 'NONE');
  expect([unknown.status, JSON.parse(unknown.text).errcode]).toEqual([400, 'M_UNKNOWN_DEVICE']);
  const known = await bridge.request('GET', 'v3/account/whoami');
  expect(JSON.parse(known.text)).toMatchObject({ user_id: bridge.userId, device_id: bridge.deviceId });
  await bridge.request('PUT', 'v3/devices/SPARE', {}, '');
  expect((await bridge.request('DELETE', 'v3/devices/SPARE', {}, '')).status).toBe(200);
  expect((await bridge.request('GET', 'v3/devices/SPARE', undefined, '')).status).toBe(404);
});
