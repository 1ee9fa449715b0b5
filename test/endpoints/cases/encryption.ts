import { p } from '../../attacks/lib/attacker.ts';
import {
  makeCrossSigningKey,
  makeDeviceKeys,
  makeKeyPair,
  makeOneTimeKeys,
  signAs,
} from '../../harness/signing-keys.ts';
import type { Cases } from '../lib/case.ts';
import type { World } from '../lib/world.ts';

const algorithm = 'm.megolm_backup.v1.curve25519-aes-sha2';
const backup = { algorithm, auth_data: { public_key: 'x' } };
const session = {
  first_message_index: 0,
  forwarded_count: 0,
  is_verified: true,
  session_data: { ciphertext: 'x' },
};

/** A new backup of Olive's, of one session. */
async function withBackup(world: World) {
  const by = world.olive;
  const { version } = await by.ok('POST', '/v3/room_keys/version', backup);
  const params = { roomId: world.roomId, sessionId: 'one', version: String(version) };
  await by.ok('PUT', `${p`/v3/room_keys/keys/${params.roomId}/one`}?version=${version}`, session);
  return { by, params, query: { version: String(version) } };
}

const noBackup = (world: World) => ({
  by: world.mallory,
  params: { roomId: world.roomId, sessionId: 'one', version: '7' },
  query: { version: '7' },
});

/** A backup that another one has replaced. */
async function formerBackup(world: World) {
  const former = await withBackup(world);
  await former.by.ok('POST', '/v3/room_keys/version', backup);
  return former;
}

const rooms = ({ roomId }: World) => ({ rooms: { [roomId]: { sessions: { two: session } } } });
const nothingThere = async (world: World) => {
  const { by, query } = await withBackup(world);
  return { by, params: { roomId: world.privateRoomId, sessionId: 'none' }, query };
};

function crossSigningKeys(userId: string) {
  const master = makeKeyPair();
  return {
    master_key: makeCrossSigningKey(userId, 'master', master),
    self_signing_key: makeCrossSigningKey(userId, 'self_signing', makeKeyPair(), master),
    user_signing_key: makeCrossSigningKey(userId, 'user_signing', makeKeyPair(), master),
  };
}

function dehydrated(world: World) {
  const by = world.administrator;
  const pair = makeKeyPair();
  const { signatures: _, ...keys } = makeDeviceKeys(by.userId, 'DRY', pair);
  const body = {
    device_id: 'DRY',
    device_data: { algorithm: 'org.matrix.msc3814.v2', device_pickle: 'x' },
    device_keys: signAs({ ...keys, dehydrated: true }, by.userId, pair, 'DRY'),
    one_time_keys: makeOneTimeKeys(by.userId, 'DRY', pair, 1),
  };
  return { by, body };
}

async function withDehydrated(world: World) {
  const { by, body } = dehydrated(world);
  await by.ok('PUT', '/unstable/org.matrix.msc3814.v1/dehydrated_device', body);
  return { by, params: { deviceId: 'DRY' } };
}

const text = { 'content-type': 'text/plain' };

async function rendezvous({ url }: World) {
  const path = `${url}/_matrix/client/unstable/org.matrix.msc4108/rendezvous`;
  const answer = await fetch(path, { method: 'POST', body: 'hello', headers: text });
  const { url: address } = (await answer.json()) as { url: string };
  return { sessionId: address.split('/').at(-1) ?? '', tag: answer.headers.get('etag') ?? '' };
}

export const encryption: Cases = {
  uploadKeys: {
    '200': ({ olive }) => ({
      body: { device_keys: makeDeviceKeys(olive.userId, olive.deviceId, makeKeyPair()) },
    }),
    '400': () => ({ body: { device_keys: 'none' } }),
  },
  queryKeys: {
    '200': ({ olive }) => ({ body: { device_keys: { [olive.userId]: [] } } }),
    '400': () => ({ body: { device_keys: 'none' } }),
  },
  claimKeys: {
    '200': ({ olive }) => ({
      body: { one_time_keys: { [olive.userId]: { [olive.deviceId]: 'signed_curve25519' } } },
    }),
    '400': () => ({ body: { one_time_keys: 'none' } }),
  },
  getKeysChanges: {
    '200': async ({ olive }) => {
      const { next_batch: token } = await olive.ok('GET', '/v3/sync?timeout=0');
      return { query: { from: token, to: token } };
    },
    '400': () => ({ query: {} }),
  },
  uploadCrossSigningKeys: {
    '200': async (world) => {
      const by = await world.person();
      return { by, body: { ...crossSigningKeys(by.userId), auth: world.proof(by) } };
    },
    '400 M_INVALID_SIGNATURE': (world) => {
      const [keys, others] = [crossSigningKeys(world.olive.userId), crossSigningKeys(world.olive.userId)];
      const { self_signing_key } = others;
      return { body: { ...keys, self_signing_key, auth: world.proof(world.olive) } };
    },
    '400 M_MISSING_PARAM': (world) => {
      const { self_signing_key } = crossSigningKeys(world.olive.userId);
      return { body: { self_signing_key, auth: world.proof(world.olive) } };
    },
    '403 M_FORBIDDEN': async (world) => {
      const by = await world.person();
      await by.ok('POST', '/v3/keys/device_signing/upload', crossSigningKeys(by.userId));
      return { by, body: { ...crossSigningKeys(by.userId), auth: world.proof(world.mallory) } };
    },
  },
  uploadCrossSigningSignatures: { '200': () => ({ body: {} }), '400': () => ({ raw: '[]' }) },
  sendToDevice: {
    '200': ({ mallory }) => ({
      params: { eventType: 'm.test', txnId: 'one' },
      body: { messages: { [mallory.userId]: { '*': { a: 1 } } } },
    }),
    '400': () => ({ params: { eventType: 'm.test', txnId: 'two' }, body: { messages: 'none' } }),
  },

  postRoomKeysVersion: { '200': () => ({ body: backup }) },
  getRoomKeysVersionCurrent: { '200': withBackup, '404 M_NOT_FOUND': noBackup },
  getRoomKeysVersion: { '200': withBackup, '404 M_NOT_FOUND': noBackup },
  putRoomKeysVersion: {
    '200': async (world) => ({ ...(await withBackup(world)), body: backup }),
    '400 M_INVALID_PARAM': async (world) => ({
      ...(await withBackup(world)),
      body: { ...backup, algorithm: 'another' },
    }),
    '404 M_NOT_FOUND': (world) => ({ ...noBackup(world), body: backup }),
  },
  deleteRoomKeysVersion: { '200': withBackup, '404 M_NOT_FOUND': noBackup },
  putRoomKeys: {
    '200': async (world) => ({ ...(await withBackup(world)), body: rooms(world) }),
    '403 M_WRONG_ROOM_KEYS_VERSION': async (world) => ({
      ...(await formerBackup(world)),
      body: rooms(world),
    }),
    '404 M_NOT_FOUND': (world) => ({ ...noBackup(world), body: rooms(world) }),
  },
  getRoomKeys: { '200': withBackup, '404 M_NOT_FOUND': noBackup },
  deleteRoomKeys: { '200': withBackup, '404 M_NOT_FOUND': noBackup },
  putRoomKeysByRoomId: {
    '200': async (world) => ({ ...(await withBackup(world)), body: { sessions: { two: session } } }),
    '403 M_WRONG_ROOM_KEYS_VERSION': async (world) => ({
      ...(await formerBackup(world)),
      body: { sessions: { two: session } },
    }),
    '404 M_NOT_FOUND': (world) => ({ ...noBackup(world), body: { sessions: {} } }),
  },
  getRoomKeysByRoomId: { '200': withBackup, '404 M_NOT_FOUND': noBackup },
  deleteRoomKeysByRoomId: { '200': withBackup, '404 M_NOT_FOUND': noBackup },
  putRoomKeyBySessionId: {
    '200': async (world) => ({ ...(await withBackup(world)), body: session }),
    '403 M_WRONG_ROOM_KEYS_VERSION': async (world) => ({ ...(await formerBackup(world)), body: session }),
  },
  getRoomKeyBySessionId: { '200': withBackup, '404 M_NOT_FOUND': nothingThere },
  deleteRoomKeyBySessionId: { '200': withBackup, '404 M_NOT_FOUND': noBackup },

  putDehydratedDevice: { '200': dehydrated, '400': () => ({ body: {} }) },
  getDehydratedDevice: {
    '200': withDehydrated,
    '404 M_NOT_FOUND': ({ mallory }) => ({ by: mallory }),
  },
  deleteDehydratedDevice: {
    '200': withDehydrated,
    '404 M_NOT_FOUND': ({ mallory }) => ({ by: mallory }),
  },
  getDehydratedDeviceEvents: {
    '200': withDehydrated,
    '403 M_FORBIDDEN': ({ mallory }) => ({ by: mallory, params: { deviceId: 'NONE' } }),
  },
  postDehydratedDeviceEvents: {
    '200': async (world) => ({ ...(await withDehydrated(world)), body: {} }),
    '403 M_FORBIDDEN': ({ mallory }) => ({ by: mallory, params: { deviceId: 'NONE' }, body: {} }),
  },

  createRendezvousSession: {
    '201': () => ({ by: null, raw: 'hello', headers: text }),
    '413 M_TOO_LARGE': () => ({ by: null, raw: 'x'.repeat(5000), headers: text }),
  },
  getRendezvousSession: {
    '200': async (world) => ({ by: null, params: { sessionId: (await rendezvous(world)).sessionId } }),
    '404 M_NOT_FOUND': () => ({ by: null, params: { sessionId: 'none' } }),
  },
  updateRendezvousSession: {
    '202': async (world) => {
      const { sessionId, tag } = await rendezvous(world);
      return { by: null, params: { sessionId }, raw: 'next', headers: { ...text, 'if-match': tag } };
    },
    '412 M_CONCURRENT_WRITE': async (world) => {
      const { sessionId } = await rendezvous(world);
      return { by: null, params: { sessionId }, raw: 'next', headers: { ...text, 'if-match': '"999"' } };
    },
  },
  deleteRendezvousSession: {
    '204': async (world) => ({ by: null, params: { sessionId: (await rendezvous(world)).sessionId } }),
    '404 M_NOT_FOUND': () => ({ by: null, params: { sessionId: 'none' } }),
  },
};
