import { env as bindings } from 'cloudflare:workers';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { ServerName } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { call, makeTables } from '../../../test/harness/homeserver-worker.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { canonicalJson } from '../protocol/canonical-json.ts';
import { readKeyAnswer } from '../protocol/server-key-answer.ts';
import { signJson, verifyJson } from '../protocol/signatures.ts';
import { ownServerKeys } from './own-keys.ts';
import { fetchKeyRing, verifyKeysOf } from './server-keys.ts';
import { makeKey, Peer, publicKeyOf } from './testing/peer.ts';
import { Peers } from './testing/peers.ts';

const env = bindings as unknown as Env;
const notary = new Peer('notary.test');
const dayMs = 24 * 60 * 60 * 1000;
let peers: Peers;
let peer: Peer;

beforeAll(makeTables);

function servingPeer(): Peer {
  const one = new Peer();
  peers.serveKeys(one);
  return one;
}

beforeEach(() => {
  peers = new Peers();
  peer = servingPeer();
});

const keysOf = async (server: Peer, ids: string[], minValidUntilMs = Date.now()) =>
  [...(await verifyKeysOf(env, server.name, ids, minValidUntilMs)).keys()].sort();

test('keys are asked for once, and remembered in D1 when their server is gone', async () => {
  expect(await keysOf(peer, ['ed25519:1'])).toEqual(['ed25519:1']);
  peers.off(`${peer.name}/_matrix/key/v2/server`);
  expect(await keysOf(peer, ['ed25519:1'])).toEqual(['ed25519:1']);
  const { results } = await env.DB.prepare('SELECT key_id, public_key FROM server_keys WHERE server_name = ?')
    .bind(peer.name)
    .all();
  expect(results).toEqual([{ key_id: 'ed25519:1', public_key: publicKeyOf(peer.key.seed) }]);
  expect(peers.asked).toHaveLength(1);
});

test('no key counts for more than seven days ahead, however long its server says', async () => {
  peer.validUntilMs = Date.now() + 1000 * dayMs;
  expect(await keysOf(peer, ['ed25519:1'], Date.now() + 6 * dayMs)).toEqual(['ed25519:1']);
  expect(await keysOf(peer, ['ed25519:1'], Date.now() + 8 * dayMs)).toEqual([]);
});

test('old keys count for what was signed before they were given up', async () => {
  const old = makeKey('old');
  const expiredMs = Date.now() - 10 * dayMs;
  peer.oldKeys = [{ ...old, expiredMs }];
  expect(await keysOf(peer, ['ed25519:old'], expiredMs)).toEqual(['ed25519:old']);
  expect(await keysOf(peer, ['ed25519:old'], expiredMs + 1)).toEqual([]);
  expect(peers.asked).toHaveLength(1);
});

test('F16: a server vouches for no other, for no key that it has not signed with, and for no old key of the future', async () => {
  const victim = servingPeer();
  const other = makeKey('2');
  peer.alter = (answer) => ({
    ...answer,
    verify_keys: { ...(answer.verify_keys as JsonObject), 'ed25519:2': { key: publicKeyOf(other.seed) } },
    old_verify_keys: {
      'ed25519:3': { key: publicKeyOf(other.seed), expired_ts: Date.now() + dayMs },
      'ed25519:4': { key: 'AAAA', expired_ts: 1 },
      'ed25519:5': { key: publicKeyOf(other.seed) },
    },
  });
  expect(await keysOf(peer, ['ed25519:1', 'ed25519:2', 'ed25519:3', 'ed25519:4', 'ed25519:5'], 0)).toEqual([
    'ed25519:1',
  ]);
  const liar = new Peer();
  liar.alter = (answer) => ({ ...answer, server_name: victim.name });
  peers.serveKeys(liar);
  expect(await keysOf(liar, ['ed25519:1'], 0)).toEqual([]);
  expect(await keysOf(victim, ['ed25519:1'])).toEqual(['ed25519:1']);
  const ring = await fetchKeyRing(env, [
    { serverName: victim.name, keyIds: ['ed25519:1'], minValidUntilMs: 0 },
  ]);
  expect(Buffer.from(ring.get(victim.name)?.get('ed25519:1')?.publicKey ?? []).toString('base64')).toBe(
    `${publicKeyOf(victim.key.seed)}=`,
  );
});

test.each<[string, (peer: Peer) => Response]>([
  [
    'altered after it was signed',
    (one) => Response.json({ ...one.keyAnswer(), valid_until_ts: Date.now() + 1 }),
  ],
  ['without signature', (one) => Response.json({ ...one.keyAnswer(), signatures: {} })],
  ['no JSON', () => new Response('<html>')],
  ['an error', (one) => Response.json(one.keyAnswer(), { status: 404 })],
  ['a redirect', () => Response.redirect('https://elsewhere.test/', 302)],
  ['too much', () => new Response('x'.repeat(300 * 1024))],
])('F16: keys are not taken from an answer that is %s', async (_name, answer) => {
  const bad = new Peer();
  peers.on(bad.name, () => answer(bad));
  expect(await keysOf(bad, ['ed25519:1'], 0)).toEqual([]);
});

/** What the notary says: its own keys at one place, others' at the other. */
function serveNotary(answers: () => JsonObject[]): void {
  peers.serveKeys(notary);
  // A name without a port is looked for at 8448, as it delegates nothing.
  peers.on('notary.test/.well-known/matrix/server', () => new Response('', { status: 404 }));
  peers.on('dns.test', () => Response.json({ Status: 3 }));
  peers.on('notary.test:8448/_matrix/key/v2/server', () => Response.json(notary.keyAnswer()));
  peers.on('notary.test:8448/_matrix/key/v2/query', () => Response.json({ server_keys: answers() }));
}

const byNotary = (answer: JsonObject, by = notary) => signJson(answer, notary.name, by.key, 'any');

test('keys of a server that is gone come from a notary', async () => {
  const gone = new Peer();
  serveNotary(() => [byNotary(gone.keyAnswer())]);
  expect(await keysOf(gone, ['ed25519:1'])).toEqual(['ed25519:1']);
  const query = peers.asked.find(({ url }) => url.endsWith('/query'));
  expect(Object.keys((JSON.parse(query?.body ?? '') as { server_keys: object }).server_keys)).toEqual([
    gone.name,
  ]);
});

test('F16: a notary makes up no keys: what it passes on is signed by it and by the server, and was asked for', async () => {
  const [gone, unasked] = [new Peer(), new Peer()];
  const forged = signJson({ ...gone.keyAnswer(), signatures: {} }, gone.name, makeKey('1'));
  for (const answers of [
    [byNotary(forged)],
    [gone.keyAnswer()],
    [byNotary(gone.keyAnswer(), new Peer('notary.test'))],
    [byNotary({ ...gone.keyAnswer(), server_name: unasked.name })],
    [byNotary(unasked.keyAnswer())],
    [null as unknown as JsonObject, [] as unknown as JsonObject],
  ]) {
    const nobody = new Peer();
    const renamed = answers.map((answer) => answer);
    serveNotary(() => renamed);
    expect(await keysOf(nobody, ['ed25519:1'], 0)).toEqual([]);
    expect(await keysOf(gone, ['ed25519:1'], 0)).toEqual([]);
  }
  expect(await keysOf(unasked, ['ed25519:1'], 0)).toEqual([]);
});

test('F16: a notary brings no key back that its server has given up', async () => {
  const before = peer.keyAnswer();
  const first = peer.key;
  const expiredMs = Date.now() - 1000;
  peer.keys = [makeKey('2')];
  peer.oldKeys = [{ ...first, expiredMs }];
  expect(await keysOf(peer, ['ed25519:2'])).toEqual(['ed25519:2']);
  serveNotary(() => [byNotary(before)]);
  peers.off(`${peer.name}/_matrix/key/v2/server`);
  await keysOf(peer, ['ed25519:1', 'ed25519:none']);
  expect(await keysOf(peer, ['ed25519:1'], expiredMs + 1)).toEqual([]);
});

test('the many servers of a large room are not asked one by one if a notary knows them', async () => {
  const many = Array.from({ length: 150 }, () => new Peer());
  const [unknown] = many.splice(0, 1);
  serveNotary(() => many.map((one) => byNotary(one.keyAnswer())));
  if (unknown) peers.serveKeys(unknown);
  const all = unknown ? [unknown, ...many] : many;
  const ring = await fetchKeyRing(
    env,
    all.map(({ name }) => ({ serverName: name, keyIds: ['ed25519:1'], minValidUntilMs: Date.now() })),
  );
  expect(all.filter(({ name }) => !ring.get(name)?.has('ed25519:1'))).toEqual([]);
  const queries = peers.asked.filter(({ url }) => url.endsWith('/query'));
  expect(
    queries.map(({ body }) => Object.keys((JSON.parse(body) as { server_keys: object }).server_keys).length),
  ).toEqual([100, 50]);
  expect(peers.urls().filter((url) => /\/\/peer/.test(url))).toEqual([
    `https://${unknown?.name}/_matrix/key/v2/server`,
  ]);
});

test('own keys are published, signed, with those of before, as canonical JSON', async () => {
  for (const path of ['/_matrix/key/v2/server', '/_matrix/key/v2/server/ed25519:test']) {
    const { status, body } = await call('GET', path);
    expect(status).toBe(200);
    const read = readKeyAnswer(body, 'roost.test', Date.now());
    expect(read?.keys.map(({ keyId, isOld }) => ({ keyId, isOld }))).toEqual([
      { keyId: 'ed25519:test', isOld: false },
      { keyId: 'ed25519:old', isOld: true },
    ]);
    expect(read?.validUntilMs).toBeGreaterThan(Date.now());
  }
  const own = await verifyKeysOf(
    env,
    'roost.test' as ServerName,
    ['ed25519:test', 'ed25519:old'],
    1_600_000_000_001,
  );
  expect([...own.keys()]).toEqual(['ed25519:test']);
  expect(peers.asked).toEqual([]);
});

test('other servers are told what a server said of its keys, also when it is gone, signed by this one', async () => {
  const config = readConfig(env);
  const [ownKey] = [...ownServerKeys(config).values()].filter(({ isOld }) => !isOld);
  const path = `/_matrix/key/v2/query/${encodeURIComponent(peer.name)}`;
  const ask = async () => {
    const { body } = await call('GET', path);
    return body.server_keys as JsonObject[];
  };
  const [answer = {}] = await ask();
  expect(readKeyAnswer(answer, peer.name, Date.now())).toBeDefined();
  expect(ownKey && verifyJson(answer, 'roost.test', ownKey.keyId, ownKey.publicKey)).toBe(true);
  peers.off(`${peer.name}/_matrix/key/v2/server`);
  expect(canonicalJson((await ask())[0] ?? {})).toBe(canonicalJson(answer));
  expect(peers.asked).toHaveLength(1);

  const server_keys = {
    [peer.name]: { 'ed25519:1': { minimum_valid_until_ts: Date.now() + 2 * dayMs } },
    'roost.test': {},
    'never-heard.test:8448': {},
  };
  const bulk = await call('POST', '/_matrix/key/v2/query', { body: { server_keys } });
  expect((bulk.body.server_keys as JsonObject[]).map(({ server_name }) => server_name)).toEqual([
    'roost.test',
    peer.name,
  ]);
  expect(peers.urls().filter((url) => url.includes(peer.name))).toHaveLength(2);
  expect((await call('GET', '/_matrix/key/v2/query/not%20a%20name')).status).toBe(400);
});

test('the version and whose an OpenID token is are told to everybody', async () => {
  const version = await call('GET', '/_matrix/federation/v1/version');
  expect(version.body).toEqual({
    server: { name: 'Roost', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
  });
  const unknown = await call('GET', '/_matrix/federation/v1/openid/userinfo?access_token=none');
  expect(unknown).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } });
  expect((await call('GET', '/_matrix/federation/v1/openid/userinfo')).status).toBe(400);
});
