import { env as bindings } from 'cloudflare:workers';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { MatrixError } from '../../../matrix/errors.ts';
import { makeTables } from '../../../test/harness/homeserver-worker.ts';
import type { Env } from '../env.ts';
import { makeKey, Peer } from './testing/peer.ts';
import { Peers, requestOf } from './testing/peers.ts';
import { verifyRequest } from './verify-request.ts';

const env = bindings as unknown as Env;
const path = '/_matrix/federation/v1/send/1?x=%C3%A4&y=a%20b';
const body = { pdus: [], edus: [], origin_server_ts: 1 };
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

async function refusal(request: Request): Promise<{ status: number; errcode: string }> {
  const error = await verifyRequest(env, request).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof MatrixError) return { status: error.status, errcode: error.errcode };
  throw error ?? new Error('accepted');
}

const unauthorized = { status: 401, errcode: 'M_UNAUTHORIZED' };

test('a request that its server has signed for this one is let in, with its body', async () => {
  expect(await verifyRequest(env, requestOf(peer, 'PUT', path, body))).toEqual({
    origin: peer.name,
    content: body,
    problems: [],
  });
  expect((await verifyRequest(env, requestOf(peer, 'GET', path))).content).toEqual({});
  expect(peers.urls()).toEqual([`https://${peer.name}/_matrix/key/v2/server`]);
});

test('F1: what differs from what was signed is refused', async () => {
  const other = servingPeer();
  const requests = {
    origin: requestOf(peer, 'PUT', path, body, { origin: other.name }),
    destination: requestOf(peer, 'PUT', path, body, { destination: 'elsewhere.test' }),
    key: requestOf(peer, 'PUT', path, body, { key: makeKey('1') }),
    'unknown key': requestOf(peer, 'PUT', path, body, { key: makeKey('2') }),
    path: requestOf(peer, 'PUT', path, body, { uri: path.replace('/1', '/2') }),
    query: requestOf(peer, 'PUT', path, body, { uri: path.replace('%20', '+') }),
    body: requestOf(peer, 'PUT', path, body, { content: { ...body, origin_server_ts: 2 } }),
    'no body': requestOf(peer, 'PUT', path, undefined, { content: body }),
    'own name': requestOf(peer, 'PUT', path, body, { origin: 'roost.test' }),
  };
  for (const [what, request] of Object.entries(requests)) {
    expect({ what, ...(await refusal(request)) }).toEqual({ what, ...unauthorized });
  }
  const replayed = requestOf(peer, 'PUT', path, body);
  const moved = new Request('https://roost.test/_matrix/federation/v1/send/2', replayed);
  expect(await refusal(moved)).toEqual(unauthorized);
});

test.each([
  '',
  'Bearer token',
  'X-Matrix',
  'X-Matrix origin=a.test',
  'X-Matrix origin="a.test",key="ed25519:1",sig="',
  'X-Matrix origin="a/b",key="ed25519:1",sig="AAAA"',
  `X-Matrix origin="a.test",key="ed25519:1",sig="${'A'.repeat(9000)}"`,
  'X-Matrix origin="a.test",key="ed25519:1",sig="AAAA", X-Matrix origin="b.test",key="ed25519:1",sig="AAAA"',
])('F1: a malformed header is refused, and nobody is asked for keys: %s', async (authorization) => {
  expect(await refusal(new Request(`https://roost.test${path}`, { headers: { authorization } }))).toEqual(
    unauthorized,
  );
  expect(peers.asked).toEqual([]);
});

test('the header is read as HTTP has it: order, case, spaces, bare values, escapes, unknown parameters', async () => {
  const signed = requestOf(peer, 'GET', path).headers.get('authorization') ?? '';
  const [, signature = ''] = /sig="([^"]+)"/.exec(signed) ?? [];
  const variants = [
    `x-matrix  SIG="${signature}" , key=ed25519:1,extra="a,\\"b", ORIGIN="${peer.name}",destination=roost.test`,
    `X-Matrix origin=${peer.name},key="ed25519:1",sig=${signature}`,
    `X-Matrix origin="${peer.name}",destination="roost\\.test",key="ed25519:1",sig="${signature}"`,
    `X-Matrix origin="${peer.name}",key="ed25519:9",sig="AAAA", X-Matrix origin="${peer.name}",key="ed25519:1",sig="${signature}"`,
  ];
  for (const authorization of variants) {
    const request = new Request(`https://roost.test${path}`, { headers: { authorization } });
    expect((await verifyRequest(env, request)).origin).toBe(peer.name);
  }
});

test('F1: keys that are over or were given up sign no requests; new ones do at once', async () => {
  peer.validUntilMs = Date.now() - 1;
  expect(await refusal(requestOf(peer, 'GET', path))).toEqual(unauthorized);
  const first = peer.key;
  peer.validUntilMs = Date.now() + 60_000;
  expect((await verifyRequest(env, requestOf(peer, 'GET', path))).origin).toBe(peer.name);
  peer.keys = [makeKey('2')];
  peer.oldKeys = [{ ...first, expiredMs: Date.now() - 1 }];
  expect((await verifyRequest(env, requestOf(peer, 'GET', path))).origin).toBe(peer.name);
  expect(await refusal(requestOf(peer, 'GET', path, undefined, { key: first }))).toEqual(unauthorized);
});

test('a server whose keys cannot be had is refused, and not asked again at once', async () => {
  const silent = new Peer();
  for (let time = 0; time < 5; time += 1) {
    expect(await refusal(requestOf(silent, 'GET', path))).toEqual(unauthorized);
  }
  expect(peers.urls().filter((url) => url.includes(silent.name))).toHaveLength(1);
});

test('F1: who names keys that are not there does not make us ask for them without end', async () => {
  for (let number = 0; number < 60; number += 1) {
    const key = makeKey(`none${number}`);
    expect(await refusal(requestOf(peer, 'GET', path, undefined, { key }))).toEqual(unauthorized);
  }
  expect(peers.urls().filter((url) => url.includes(peer.name)).length).toBeLessThanOrEqual(20);
});

async function sendRaw(text: string | Uint8Array<ArrayBuffer>): Promise<Request> {
  const { headers } = requestOf(peer, 'PUT', path, body);
  return new Request(`https://roost.test${path}`, { method: 'PUT', headers, body: text });
}

test('F5: a body that is no JSON, no object, too deep, too large or ambiguous is refused', async () => {
  const cases: [string | Uint8Array<ArrayBuffer>, number, string][] = [
    ['{', 400, 'M_NOT_JSON'],
    ['{"a": NaN}', 400, 'M_NOT_JSON'],
    [new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'M_NOT_JSON'],
    ['[]', 400, 'M_BAD_JSON'],
    ['{"pdus": [], "pdus": []}', 400, 'M_BAD_JSON'],
    ['{"a": "\\ud800"}', 400, 'M_BAD_JSON'],
    ['{"a": 1e999}', 400, 'M_BAD_JSON'],
    [`{"a": ${'['.repeat(500)}${']'.repeat(500)}}`, 400, 'M_BAD_JSON'],
    [`{"a": "${'x'.repeat(11 * 1024 * 1024)}"}`, 413, 'M_TOO_LARGE'],
  ];
  for (const [text, status, errcode] of cases) {
    expect(await refusal(await sendRaw(text))).toEqual({ status, errcode });
  }
});

test('F5: what is wrong in one event of a transaction is told of that event', async () => {
  const content = { pdus: [{ a: 1 }, { a: 1.5 }], edus: [], origin_server_ts: 1 };
  const { problems } = await verifyRequest(env, requestOf(peer, 'PUT', path, content));
  expect(problems).toEqual([{ kind: 'looseNumber', path: ['pdus', 1] }]);
  const { headers } = requestOf(peer, 'PUT', path, { pdus: [{ a: 2 }, {}], origin_server_ts: 1 });
  const text = '{"pdus": [{"a": 1, "a": 2}, {}], "origin_server_ts": 1}';
  const twice = new Request(`https://roost.test${path}`, { method: 'PUT', headers, body: text });
  expect((await verifyRequest(env, twice)).problems).toEqual([{ kind: 'repeatedKey', path: ['pdus', 0] }]);
});
