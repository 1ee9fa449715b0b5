import { createCipheriv, randomBytes } from 'node:crypto';
import { EventType, MsgType, Preset } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { api, register, startClient, waitForEvent } from '../harness/matrix-client.ts';
import { Roost } from '../harness/roost.ts';
import { SecretStore } from '../harness/secret-store.ts';
import { contains, storedBytes } from '../harness/stored-bytes.ts';
import { waitFor } from '../harness/wait-for.ts';

let roost: Roost;

beforeAll(async () => {
  roost = await Roost.start();
});

afterAll(() => roost?.stopAndRemove());

test('of an encrypted conversation the server keeps ciphertext only', async () => {
  const secrets = new SecretStore();
  const alice = await register(roost.url, 'alice');
  const a = await startClient(roost.url, alice, { crypto: true, cryptoCallbacks: secrets.callbacks });
  const b = await startClient(roost.url, await register(roost.url, 'bob'), { crypto: true });
  const hidden: Record<string, string> = {};
  try {
    await secrets.setUp(a);
    await a.getCrypto()?.startDehydration();
    const createRoom = (encrypted: boolean) =>
      a.createRoom({
        preset: Preset.TrustedPrivateChat,
        invite: [b.getSafeUserId()],
        initial_state: encrypted
          ? [
              {
                type: EventType.RoomEncryption,
                state_key: '',
                content: { algorithm: 'm.megolm.v1.aes-sha2' },
              },
            ]
          : [],
      });
    const { room_id: roomId } = await createRoom(true);
    const { room_id: openRoomId } = await createRoom(false);
    for (const id of [roomId, openRoomId]) {
      await waitFor('the invitation', () => b.getRoom(id)?.getMyMembership() === 'invite');
      await b.joinRoom(id);
      await waitFor('the join', () => a.getRoom(id)?.getJoinedMemberCount() === 2);
    }

    hidden.message = 'pelicans gather at the "old" harbour wall';
    const { event_id: messageId } = await a.sendTextMessage(roomId, hidden.message);
    await waitForEvent(b, roomId, (event) => event.getContent().body === hidden.message);
    hidden.answer = 'cormorants will bring the lanterns';
    await b.sendTextMessage(roomId, hidden.answer);
    await waitForEvent(a, roomId, (event) => event.getContent().body === hidden.answer);
    hidden.edit = 'pelicans gather at the lighthouse instead';
    await a.sendMessage(roomId, {
      msgtype: MsgType.Text,
      body: `* ${hidden.edit}`,
      'm.new_content': { msgtype: MsgType.Text, body: hidden.edit },
      'm.relates_to': { rel_type: 'm.replace', event_id: messageId },
    } as never);
    hidden.file = 'the tide table of the smugglers';
    hidden.fileName = 'tide-table-of-smugglers.txt';
    const cipher = createCipheriv('aes-256-ctr', randomBytes(32), randomBytes(16));
    const { content_uri: url } = await a.uploadContent(cipher.update(hidden.file) as never, {
      type: 'application/octet-stream',
      includeFilename: false,
    });
    await a.sendMessage(roomId, { msgtype: MsgType.File, body: hidden.fileName, file: { url } } as never);
    await waitForEvent(b, roomId, (event) => event.getContent().body === hidden.fileName);

    // The keys to all of it.
    const exported = JSON.parse((await a.getCrypto()?.exportRoomKeysAsJson()) ?? '[]');
    for (const [index, { session_key: key }] of exported.entries()) hidden[`room key ${index}`] = key;
    const bundle = await a.getCrypto()?.exportSecretsBundle?.();
    for (const [name, key] of Object.entries(bundle?.cross_signing ?? {})) hidden[name] = key as string;
    hidden.backupKey = (bundle?.backup as { key: string } | undefined)?.key ?? '';
    await waitFor('the backup', async () => {
      const backup = await api(roost.url, alice.accessToken, 'GET', 'v3/room_keys/version');
      return Number(backup.count) >= exported.length;
    });

    const open = 'gulls are "counted" in the open';
    await a.sendTextMessage(openRoomId, open);
    await waitForEvent(b, openRoomId, (event) => event.getContent().body === open);
    // As after a power cut: the newest is in write-ahead logs.
    await roost.kill();

    expect(Object.keys(hidden)).toEqual(expect.arrayContaining(['room key 1', 'master_key', 'backupKey']));
    expect(Object.values(hidden).every((text) => text.length > 20)).toBe(true);
    const found: string[] = [];
    const places = new Set<string>();
    for (const { where, bytes } of storedBytes(roost.dataDir)) {
      if (contains(bytes, open)) places.add(where);
      for (const [name, text] of Object.entries(hidden)) {
        if (contains(bytes, text)) found.push(`${name} in ${where}`);
      }
    }
    for (const [name, text] of Object.entries(hidden)) {
      if (contains(Buffer.from(roost.logLines.join('\n')), text)) found.push(`${name} in the log`);
    }
    expect(found).toEqual([]);
    // The search does find what is there to be found: as a file, and as a value.
    expect([...places].some((where) => where.includes(' '))).toBe(true);
    expect([...places].some((where) => !where.includes(' '))).toBe(true);
  } finally {
    for (const client of [a, b]) client.stopClient();
  }
}, 120_000);
