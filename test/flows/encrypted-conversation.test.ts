import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Credentials, register, startClient, timelineTexts } from '../harness/matrix-client.ts';
import { Roost } from '../harness/roost.ts';
import { startSecretTalk } from '../harness/secret-talk.ts';
import { verifyUsers } from '../harness/verify-users.ts';
import { waitFor } from '../harness/wait-for.ts';

let roost: Roost;
let alice: Credentials;
let bob: Credentials;

beforeAll(async () => {
  roost = await Roost.start();
  alice = await register(roost.url, 'alice');
  bob = await register(roost.url, 'bob');
});

afterAll(() => roost?.stopAndRemove());

test('two people talk in an encrypted room, verify each other, and read on after a restart', async () => {
  const a = await startClient(roost.url, alice, { crypto: true });
  const b = await startClient(roost.url, bob, { crypto: true });
  try {
    const { roomId, say, sees } = await startSecretTalk(a, b);

    await say(a, 'a secret from alice');
    await sees(b, 'a secret from alice');
    await say(b, 'a secret from bob');
    await sees(a, 'a secret from bob');

    const [seenByAlice, seenByBob] = await verifyUsers(a, b, roomId);
    expect(seenByAlice).toHaveLength(7);
    expect(seenByAlice).toEqual(seenByBob);
    const trusts = (client: typeof a, { userId, deviceId }: Credentials) =>
      waitFor(`trust in ${userId}`, async () => {
        const status = await client.getCrypto()?.getDeviceVerificationStatus(userId, deviceId);
        return status?.crossSigningVerified;
      });
    await trusts(a, bob);
    await trusts(b, alice);

    expect(await roost.stop()).toBe(0);
    await roost.start();

    await say(b, 'still here after the restart');
    await sees(a, 'still here after the restart');
    expect(timelineTexts(a, roomId)).toEqual([
      'a secret from alice',
      'a secret from bob',
      'still here after the restart',
    ]);

    // The whole conversation comes back from the server's storage and is readable.
    const page = await a.createMessagesRequest(roomId, null, 50, 'b' as never);
    const mapper = a.getEventMapper();
    const events = page.chunk.map((raw) => mapper({ ...raw, room_id: roomId }));
    for (const event of events) await a.decryptEventIfNeeded(event);
    const bodies = events
      .filter((event) => event.getType() === 'm.room.message')
      .map((e) => e.getContent().body);
    expect(bodies).toEqual(expect.arrayContaining(['a secret from alice', 'a secret from bob']));
    expect(roost.logLines.join('\n')).not.toContain('a secret from');
  } finally {
    a.stopClient();
    b.stopClient();
  }
}, 120_000);
