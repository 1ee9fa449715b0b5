import { expect, test } from 'vitest';
import type { EventId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { ed25519PublicKey, encodeBase64 } from '../../protocol/crypto.ts';
import { policyKeyId } from '../../protocol/policy-server.ts';
import { signPdu } from '../../protocol/signatures.ts';
import { version as versionById } from '../../protocol/testing/versions.ts';
import { member } from './testing/remote-history.ts';
import { creator, guest, message, results, type StartedRoom, startRoom } from './testing/started-room.ts';
import { alice } from './testing/test-room.ts';

/** Of `guest`. */
const server = 'three';
const key = { keyId: policyKeyId, seed: new Uint8Array(32).fill(9) };
const policy = { via: server, public_keys: { ed25519: encodeBase64(ed25519PublicKey(key.seed)) } };

async function policedRoom(versionId: string, name: string): Promise<{ room: StartedRoom; named: EventId }> {
  const room = await startRoom(versionId, name);
  const fields = { type: 'm.room.policy', sender: creator, stateKey: '', content: policy };
  return { room, named: await room.receive(fields, [room.start]) };
}

const say = (body: string, transaction?: { deviceId: string; txnId: string }) => ({
  sender: alice,
  type: 'm.room.message',
  content: { body },
  ...(transaction ? { transaction } : {}),
});

const signed = (versionId: string, pdu: JsonObject) =>
  signPdu(pdu, versionById(versionId), server, key) as unknown as JsonObject;

async function isShown({ rpc }: StartedRoom, eventId: EventId): Promise<boolean> {
  const found = await rpc.readEvent({ userId: alice } as Parameters<typeof rpc.readEvent>[0], eventId);
  return found.kind === 'event';
}

test.each(['1', '10', '12'])(
  'version %s: an event of ours is drafted, and taken once it is signed',
  async (versionId) => {
    const { room } = await policedRoom(versionId, `drafted${versionId}`);
    const { rpc } = room;
    expect(await rpc.append(say('alone'))).toMatchObject({ kind: 'denied', errcode: 'M_FORBIDDEN' });
    const input = say('hello', { deviceId: 'D', txnId: '1' });
    const draft = await rpc.appendOrDraft(input);
    if (draft.kind !== 'unsigned') throw new Error(draft.kind);
    expect(draft.policyServer).toEqual({ name: server, publicKey: policy.public_keys.ed25519 });
    const taken = await rpc.takeSigned(signed(versionId, draft.pdu), input.transaction);
    if (taken.kind !== 'accepted') throw new Error(taken.error);
    expect(await isShown(room, taken.eventId)).toBe(true);
    expect(await rpc.appendOrDraft(input)).toEqual(taken);
    // The same request twice at once: the second is drafted, too, and taken as the first.
    expect(await rpc.takeSigned(signed(versionId, draft.pdu), input.transaction)).toEqual(taken);
    const [stored] = ((await rpc.eventFor(server, taken.eventId)) as { pdus: JsonObject[] }).pdus;
    expect(stored?.signatures).toHaveProperty([server, policyKeyId]);
  },
);

test('the policy server is let go without its consent, and has no say when it has left', async () => {
  const { room, named } = await policedRoom('11', 'freed');
  const left = room.remote.add(member(guest, 'leave'), [named]);
  results(await room.rpc.receive({ pdus: [signed('11', { ...room.remote.pdu(left) })] }), 'accepted');
  expect((await room.rpc.appendOrDraft(say('free'))).kind).toBe('accepted');

  const other = await policedRoom('11', 'let-go');
  const { remote, rpc } = other.room;
  const fields = { type: 'm.room.policy', sender: creator, stateKey: '', content: {} };
  const ended = remote.add(fields, [other.named]);
  results(await rpc.receive({ pdus: [remote.pdu(ended)] }), 'accepted');
  expect((await rpc.appendOrDraft(say('free'))).kind).toBe('accepted');
});

test('of events of others, unsigned ones are asked for, refused and forged ones soft-failed', async () => {
  const { room, named } = await policedRoom('11', 'incoming');
  const { remote, rpc } = room;
  const unsigned = remote.add(message(creator, 'unsigned'), [named]);
  const good = remote.add(message(creator, 'signed'), [named]);
  const forged = remote.add(message(creator, 'forged'), [named]);
  const wrong = { ...remote.pdu(forged) } as JsonObject;
  wrong.signatures = { ...(wrong.signatures as JsonObject), [server]: { [policyKeyId]: 'A'.repeat(86) } };
  const pdus = [{ ...remote.pdu(unsigned) }, signed('11', { ...remote.pdu(good) }), wrong];
  const asked = await rpc.receive({ pdus });
  expect(asked).toMatchObject({ kind: 'unsigned', eventIds: [unsigned], policyServer: { name: server } });
  expect(await isShown(room, good)).toBe(false);
  const received = results(await rpc.receive({ pdus, refusedByPolicy: [unsigned] }));
  expect(received.map(({ kind }) => kind)).toEqual(['softFailed', 'accepted', 'softFailed']);
  expect(await isShown(room, unsigned)).toBe(false);
  expect(await isShown(room, good)).toBe(true);
  // What is known is not asked for again.
  expect(results(await rpc.receive({ pdus })).map(({ kind }) => kind)).toEqual(['known', 'known', 'known']);
});
