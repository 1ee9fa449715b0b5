import { env as bindings } from 'cloudflare:workers';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { EventId, RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { makeTables } from '../../../test/harness/homeserver-worker.ts';
import type { Env } from '../env.ts';
import { buildEvent } from '../protocol/build-event.ts';
import type { Pdu } from '../protocol/pdu.ts';
import { type RoomVersion, roomVersion } from '../protocol/room-versions.ts';
import { type SigningKey, signPdu } from '../protocol/signatures.ts';
import { checkEventSignatures } from './check-event-signatures.ts';
import { makeKey, Peer } from './testing/peer.ts';
import { Peers } from './testing/peers.ts';

const env = bindings as unknown as Env;
const dayMs = 24 * 60 * 60 * 1000;
let peers: Peers;
let peer: Peer;
let other: Peer;

beforeAll(makeTables);

beforeEach(() => {
  peers = new Peers();
  [peer, other] = [new Peer(), new Peer()];
  peers.serveKeys(peer);
  peers.serveKeys(other);
});

const version = (id: string): RoomVersion => {
  const found = roomVersion(id);
  if (!found) throw new Error(`no version ${id}`);
  return found;
};

interface Made {
  content?: JsonObject;
  type?: string;
  key?: SigningKey;
  atMs?: number;
  eventId?: string;
}

function event(
  id: string,
  { content = {}, type = 'm.room.member', key = peer.key, atMs, eventId }: Made = {},
): Pdu {
  const sender = `@user:${peer.name}` as UserId;
  const made = buildEvent({
    version: version(id),
    roomId: '!room:elsewhere.test' as RoomId,
    ...(eventId === undefined ? {} : { eventId: eventId as EventId }),
    sender,
    type,
    stateKey: sender,
    content: { membership: 'join', ...content },
    prevEvents: [],
    authEvents: [],
    depth: 1,
    originServerTs: atMs ?? Date.now(),
    serverName: peer.name,
    signingKey: key,
  });
  return made.pdu;
}

const check = (id: string, ...pdus: Pdu[]) => checkEventSignatures(env, version(id), pdus);

test("F2: the sender's server must have signed, with what its key still covers", async () => {
  const good = event('12');
  const changed = { ...good, depth: 2 };
  const forged = event('12', { key: makeKey('1') });
  const unsigned = { ...good, signatures: {} };
  const byAnother = { ...good, signatures: { [other.name]: good.signatures[peer.name] ?? {} } };
  const redacted = { ...good, content: { ...good.content, reason: 'not covered' } };
  expect(await check('12', good, changed, forged, unsigned, byAnother, redacted)).toEqual([
    'valid',
    'invalid',
    'invalid',
    'invalid',
    'invalid',
    'valid',
  ]);
});

test('keys of a batch are asked for together, each server once', async () => {
  const events = Array.from({ length: 20 }, () => event('11'));
  expect(await check('11', ...events)).toEqual(events.map(() => 'valid'));
  expect(peers.asked).toHaveLength(1);
});

test('a key that is not known is no forgery: the server may yet tell it', async () => {
  const key = makeKey('late');
  const pdu = event('10', { key });
  expect(await check('10', pdu)).toEqual(['unknownKey']);
  peer.keys.push(key);
  expect(await check('10', pdu)).toEqual(['valid']);
});

test('from version 5 on a key counts for what was made while it was valid; before, for all', async () => {
  const old = makeKey('old');
  const expiredMs = Date.now() - 10 * dayMs;
  peer.oldKeys = [{ ...old, expiredMs }];
  const made = (id: string, key: SigningKey, atMs: number) =>
    event(id, { key, atMs, ...(id < '3' && { eventId: `$a${atMs}:${peer.name}` }) });
  for (const [id, late] of [
    ['2', 'valid'],
    ['4', 'valid'],
    ['5', 'unknownKey'],
    ['9', 'unknownKey'],
  ] as const) {
    expect(await check(id, made(id, old, expiredMs), made(id, old, expiredMs + 1))).toEqual(['valid', late]);
    expect(await check(id, made(id, peer.key, Date.now() + 30 * dayMs))).toEqual([late]);
  }
});

test('in versions 1 and 2 the server that has given the id must have signed, too', async () => {
  const own = event('1', { eventId: `$one:${peer.name}` });
  const foreign = event('1', { eventId: `$two:${other.name}` });
  const both = signPdu(foreign, version('1'), other.name, other.key) as Pdu;
  expect(await check('1', own, foreign, both)).toEqual(['valid', 'invalid', 'valid']);
});

test('the server that lets somebody into a restricted room must have signed, too', async () => {
  const via = event('10', { content: { join_authorised_via_users_server: `@admin:${other.name}` } });
  const signed = signPdu(via, version('10'), other.name, other.key) as Pdu;
  const forged = signPdu(via, version('10'), other.name, makeKey('1')) as Pdu;
  const nobody = event('10', { content: { join_authorised_via_users_server: 'nobody' } });
  expect(await check('10', via, signed, forged, nobody)).toEqual(['invalid', 'valid', 'invalid', 'invalid']);
  expect(await check('7', { ...event('7', { content: via.content }) })).toEqual(['valid']);
});

test('signatures of this server are checked by its own keys, without asking anybody', async () => {
  const via = event('10', { content: { join_authorised_via_users_server: '@alice:roost.test' } });
  expect(await check('10', signPdu(via, version('10'), 'roost.test', makeKey('test')) as Pdu)).toEqual([
    'invalid',
  ]);
  expect(peers.urls().filter((url) => url.includes('roost.test'))).toEqual([]);
});

test('F2: signatures that others add neither hide the right one nor make us ask', async () => {
  const good = event('11');
  expect(await check('11', good)).toEqual(['valid']);
  const names = Array.from({ length: 100 }, (_, index) => [`ed25519:${index + 100}`, 'AAAA']);
  const added = { ...Object.fromEntries(names), ...good.signatures[peer.name] };
  expect(await check('11', { ...good, signatures: { [peer.name]: added } })).toEqual(['valid']);
  expect(peers.asked).toHaveLength(1);
});
