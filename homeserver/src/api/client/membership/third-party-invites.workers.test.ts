import { beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { ed25519PublicKey, encodeBase64 } from '../../../protocol/crypto.ts';
import { signJson } from '../../../protocol/signatures.ts';
import { alice, bob, call, carol, createRoom, setUpPeople, stateContent } from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

/** An identity server's key. */
const seed = new Uint8Array(32).fill(9);
const offer = {
  display_name: 'b…@e…',
  key_validity_url: 'https://id.test/valid',
  public_key: encodeBase64(ed25519PublicKey(seed)),
};

const proof = (claim: JsonObject, key = seed) =>
  signJson(claim, 'id.test', { keyId: 'ed25519:0', seed: key }) as JsonObject;

async function offeringRoom(content: JsonObject = offer) {
  const room = await createRoom(alice, { preset: 'private_chat' });
  const set = await call(alice, 'PUT', `${room.path}/state/m.room.third_party_invite/token`, content);
  expect(set.status).toBe(200);
  return room;
}

const join = (userId: string, roomId: string, signed: unknown) =>
  call(userId, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {
    third_party_signed: signed,
  } as JsonObject);

const claim = { sender: alice, mxid: bob, token: 'token' };
const forbidden = { status: 403, body: { errcode: 'M_FORBIDDEN' } };

test('an invitation to an address waits until its owner proves to be so', async () => {
  const { roomId, path } = await offeringRoom();
  expect((await stateContent(alice, roomId, 'm.room.third_party_invite', 'token')).body).toEqual(offer);
  expect(await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {})).toMatchObject(forbidden);
  expect(await join(bob, roomId, proof(claim))).toEqual({ status: 200, body: { room_id: roomId } });
  expect(await join(bob, roomId, proof(claim))).toMatchObject({ status: 200 });
  const history = await call(
    alice,
    'GET',
    `${path}/messages?dir=b&filter=${encodeURIComponent('{"types":["m.room.member"]}')}`,
  );
  expect((history.body.chunk as JsonObject[]).filter((event) => event.state_key === bob)).toMatchObject([
    { sender: bob, content: { membership: 'join' } },
    {
      sender: alice,
      content: {
        membership: 'invite',
        third_party_invite: { display_name: 'b…@e…', signed: proof(claim) },
      },
    },
  ]);
});

test('the other address of joining takes a proof, too', async () => {
  const { roomId, path } = await offeringRoom({
    ...offer,
    public_key: undefined,
    public_keys: [offer],
  } as never);
  expect(await call(bob, 'POST', `${path}/join`, { third_party_signed: proof(claim) })).toEqual({
    status: 200,
    body: { room_id: roomId },
  });
});

test.each<[string, string, JsonObject]>([
  ['for another user', carol, proof(claim)],
  ['with an unknown token', bob, proof({ ...claim, token: 'other' })],
  ['of another inviter', bob, proof({ ...claim, sender: carol })],
  ['signed by another key', bob, proof(claim, new Uint8Array(32).fill(8))],
  ['changed after it was signed', bob, { ...proof(claim), more: true }],
  ['without a signature', bob, { ...claim, signatures: {} }],
])('a proof %s lets nobody in', async (_, userId, signed) => {
  const { roomId } = await offeringRoom();
  expect(await join(userId, roomId, signed)).toMatchObject(forbidden);
  expect((await stateContent(alice, roomId, 'm.room.member', userId)).status).toBe(404);
});

test('a proof is of its form; an offer can be withdrawn; the banned stay out', async () => {
  const { roomId, path } = await offeringRoom();
  expect(await join(bob, roomId, claim)).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
  expect(await join(bob, roomId, 'proof')).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
  expect(await join(bob, '!unknown:roost.test', proof(claim))).toMatchObject({ status: 404 });
  await call(alice, 'POST', `${path}/ban`, { user_id: bob });
  expect(await join(bob, roomId, proof(claim))).toMatchObject(forbidden);
  await call(alice, 'POST', `${path}/unban`, { user_id: bob });
  await call(alice, 'PUT', `${path}/state/m.room.third_party_invite/token`, {});
  expect(await join(bob, roomId, proof(claim))).toMatchObject(forbidden);
});

test('who may not invite makes no offer', async () => {
  const { roomId, path } = await createRoom(alice, { preset: 'public_chat' });
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  expect(await call(bob, 'PUT', `${path}/state/m.room.third_party_invite/token`, offer)).toMatchObject(
    forbidden,
  );
});
