import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeKey, Peer } from '../../homeserver/src/federation/testing/peer.ts';
import { decodeBase64 } from '../../homeserver/src/protocol/crypto.ts';
import { signJson } from '../../homeserver/src/protocol/signatures.ts';
import type { JsonObject } from '../../matrix/json.ts';
import { CertificateAuthority } from '../harness/federation/certificates.ts';
import { type FederatedRoost, startFederatedRoost } from '../harness/federation/federated-roost.ts';
import { FederationServer, sendJson } from '../harness/federation/federation-server.ts';

/**
 * Servers of the network that lie, over TLS: F1, F15 and F16 where they need more than one process. Their finer points
 * are tested beside the code, in `homeserver/src/federation/`.
 */
const ca = new CertificateAuthority();
const servers: FederationServer[] = [];
const keysPath = '/_matrix/key/v2/server';
const wellKnownPath = '/.well-known/matrix/server';
let roost: FederatedRoost;
let friend: FederationServer;
let notary: FederationServer;
/** Found by its delegation, by an SRV record, and as it is. */
let delegated: FederationServer;
let recorded: FederationServer;
let page: FederationServer;
let found: FederationServer;
let looping: FederationServer;
/** Says that it is this server. */
let selfish: FederationServer;
/** Begun early, since it ends late. */
let slow: Promise<{ status: number }>;
let dns: http.Server;
const dnsQueries: string[] = [];
let transactions = 0;

async function start(name?: string): Promise<FederationServer> {
  const server = await FederationServer.start({ ca, ...(name && { name }) });
  servers.push(server);
  return server;
}

const send = (server: FederationServer, instead = {}) =>
  server.send(
    roost,
    'PUT',
    `/_matrix/federation/v1/send/${++transactions}`,
    { origin: server.name, origin_server_ts: Date.now(), pdus: [], edus: [] },
    instead,
  );

const accepted = { status: 200, body: { pdus: {} } };
const refused = { status: 401, body: { errcode: 'M_UNAUTHORIZED' } };

function serveDns(): Promise<number> {
  dns = http.createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    const name = searchParams.get('name') ?? '';
    dnsQueries.push(name);
    const data = `10 0 ${recorded.port} target.test.`;
    const Answer = name === '_matrix-fed._tcp.recorded.test' ? [{ name, type: 33, TTL: 300, data }] : [];
    sendJson(response, 200, { Status: Answer.length > 0 ? 0 : 3, Answer });
  });
  return new Promise((resolve) =>
    dns.listen(0, '127.0.0.1', () => resolve((dns.address() as AddressInfo).port)),
  );
}

beforeAll(async () => {
  [friend, notary, delegated, recorded, page, found, looping, selfish] = await Promise.all([
    start(),
    start(),
    start('delegated.test'),
    start('recorded.test'),
    start('page.test'),
    start('found.test'),
    start('loop.test'),
    start('self.test'),
  ]);
  const dnsPort = await serveDns();
  roost = await startFederatedRoost({
    ca,
    hosts: {
      'delegated.test:443': `127.0.0.1:${delegated.port}`,
      'found.test:443': `127.0.0.1:${found.port}`,
      'page.test:443': `127.0.0.1:${page.port}`,
      'loop.test': `127.0.0.1:${looping.port}`,
      'self.test:443': `127.0.0.1:${selfish.port}`,
      // Nothing listens there.
      'recorded.test:443': '127.0.0.1:1',
      'target.test': '127.0.0.1',
    },
    env: {
      KEY_NOTARIES: JSON.stringify([notary.name]),
      DNS_OVER_HTTPS_URL: `http://127.0.0.1:${dnsPort}/dns-query`,
    },
  });
  const sluggish = await start();
  sluggish.on('GET', keysPath, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"server_name":');
  });
  slow = send(sluggish);
});

afterAll(async () => {
  await roost?.stopAndRemove();
  await Promise.all(servers.map((server) => server.stop()));
  dns?.close();
});

test('F1: a request that is signed for this server is let in over TLS; one that is altered is not', async () => {
  expect(await send(friend)).toEqual(accepted);
  const [keys] = friend.askedFor(keysPath);
  expect(keys?.headers.authorization).toBeUndefined();
  const other = await start();
  for (const instead of [
    { origin: other.name },
    { destination: other.name },
    { key: makeKey('1') },
    { key: makeKey('unknown') },
    { content: { pdus: [], edus: [] } },
    { uri: '/_matrix/federation/v1/send/other' },
  ]) {
    expect(await send(friend, instead)).toMatchObject(refused);
  }
  const unsigned = await fetch(`${roost.url}/_matrix/federation/v1/send/unsigned`, {
    method: 'PUT',
    body: '{}',
  });
  expect(unsigned.status).toBe(401);
  expect(await send(friend)).toEqual(accepted);
});

test('F1: a key that was given up lets nobody in, the new one at once', async () => {
  const server = await start();
  expect(await send(server)).toEqual(accepted);
  const old = server.key;
  server.keys = [makeKey('2')];
  server.oldKeys = [{ ...old, expiredMs: Date.now() - 1 }];
  expect(await send(server)).toEqual(accepted);
  expect(await send(server, { key: old })).toMatchObject(refused);
});

test('F1: keys whose time is over let nobody in', async () => {
  const server = await start();
  server.validUntilMs = Date.now() - 1;
  expect(await send(server)).toMatchObject(refused);
});

test('F16: who answers for another, or with a certificate of another, is not believed', async () => {
  const liar = await start();
  liar.alter = (answer) => ({ ...answer, server_name: friend.name });
  expect(await send(liar)).toMatchObject(refused);
  const unsigned = await start();
  unsigned.on('GET', keysPath, { json: { ...unsigned.keyAnswer(), signatures: {} } });
  expect(await send(unsigned)).toMatchObject(refused);
  const stranger = await FederationServer.start({ ca: new CertificateAuthority() });
  const misnamed = await FederationServer.start({ ca, certificateNames: ['other.test'] });
  servers.push(stranger, misnamed);
  expect(await send(stranger)).toMatchObject(refused);
  expect(await send(misnamed)).toMatchObject(refused);
  expect([...stranger.received, ...misnamed.received]).toEqual([]);
  expect(await send(friend)).toEqual(accepted);
});

test('F16: keys of a server that does not answer come from a notary, who cannot make them up', async () => {
  const [gone, forged] = [await start(), await start()];
  const answers = new Map<string, JsonObject>([
    [gone.name, gone.keyAnswer()],
    [forged.name, signJson({ ...forged.keyAnswer(), signatures: {} }, forged.name, makeKey('1'))],
  ]);
  for (const server of [gone, forged]) server.on('GET', keysPath, { status: 503, json: {} });
  notary.on('POST', '/_matrix/key/v2/query', ({ body }, response) => {
    const found = Object.keys(body.server_keys as object)
      .map((name) => answers.get(name))
      .filter((answer) => answer !== undefined)
      .map((answer) => signJson(answer, notary.name, notary.key));
    sendJson(response, 200, { server_keys: found });
  });
  expect(await send(gone)).toEqual(accepted);
  expect(await send(forged)).toMatchObject(refused);
  const [query] = notary.askedFor('/_matrix/key/v2/query');
  const ownKeys = (await (await fetch(roost.url + keysPath)).json()) as {
    verify_keys: Record<string, { key: string }>;
  };
  const [own] = Object.values(ownKeys.verify_keys);
  const publicKey = decodeBase64(own?.key ?? '') ?? new Uint8Array();
  expect(query && notary.isSignedBy(query, roost.serverName, publicKey)).toBe(true);
});

test('a delegation is followed over a redirect, kept, and named to the server as the specification says', async () => {
  delegated.on('GET', wellKnownPath, (_, response) => {
    response.writeHead(302, { location: 'https://page.test/delegation' }).end();
  });
  page.on('GET', '/delegation', { json: { 'm.server': 'found.test:443' } });
  found.on('GET', keysPath, (_, response) => sendJson(response, 200, delegated.keyAnswer()));
  expect(await send(delegated)).toEqual(accepted);
  delegated.keys = [makeKey('2')];
  expect(await send(delegated)).toEqual(accepted);
  expect(delegated.received.map(({ path }) => path)).toEqual([wellKnownPath]);
  expect(found.received.map(({ headers, tlsName }) => [headers.host, tlsName])).toEqual([
    ['found.test:443', 'found.test'],
    ['found.test:443', 'found.test'],
  ]);
});

test('a server is found by its SRV record, under its own name', async () => {
  expect(await send(recorded)).toEqual(accepted);
  expect(dnsQueries).toContain('_matrix-fed._tcp.recorded.test');
  expect(recorded.received.map(({ headers, tlsName }) => [headers.host, tlsName])).toEqual([
    ['recorded.test', 'recorded.test'],
  ]);
});

test('F15: redirects in a circle end', async () => {
  looping.on('GET', wellKnownPath, (_, response) => {
    response.writeHead(302, { location: `https://loop.test${wellKnownPath}` }).end();
  });
  // Found at the port that names have without a delegation.
  expect(await send(looping)).toEqual(accepted);
  expect(looping.askedFor(wellKnownPath).length).toBeLessThanOrEqual(6);
});

test('F15: who says that it is this server is not let in by its keys, and this server does not ask itself for ever', async () => {
  selfish.on('GET', wellKnownPath, { json: { 'm.server': roost.serverName } });
  const logged = roost.roost.logLines.length;
  expect(await send(selfish)).toMatchObject(refused);
  const own = roost.roost.logLines.slice(logged).filter((line) => line.includes('getServerKey'));
  expect(own.length).toBeLessThanOrEqual(2);
  expect(selfish.askedFor(keysPath)).toEqual([]);
  expect(await send(friend)).toEqual(accepted);
});

test('F15: an answer without an end is cut off', async () => {
  const endless = await start();
  const sent = new Promise<number>((resolve) => {
    endless.on('GET', keysPath, (_, response) => {
      const chunk = 'x'.repeat(64 * 1024);
      let bytes = 0;
      const write = () => {
        while (!response.destroyed && response.write(chunk)) bytes += chunk.length;
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.on('drain', write).on('close', () => resolve(bytes));
      write();
    });
  });
  expect(await send(endless)).toMatchObject(refused);
  expect(await sent).toBeLessThan(64 * 1024 * 1024);
});

test.each(['10.0.0.1:8448', '169.254.169.254:80', '[fe80::1]:443', '[::ffff:10.0.0.1]:443', '100.64.0.1'])(
  'F15: nobody makes this server connect to %s',
  async (name) => {
    const logged = roost.roost.logLines.length;
    const path = `/_matrix/federation/v1/state_ids/${encodeURIComponent(`!none:${name}`)}?event_id=$none`;
    const peer = new Peer(name);
    const authorization = peer.authorization({ method: 'GET', path, destination: roost.serverName });
    const response = await fetch(roost.url + path, { headers: { authorization } });
    expect(response.status).toBe(401);
    const lines = roost.roost.logLines
      .slice(logged)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const failed = lines.filter(
      ({ event, destination }) => event === 'federation.request_failed' && destination === name,
    );
    expect(failed.map(({ reason }) => reason)).toEqual(['refused']);
  },
);

test('F15: an answer that does not go on is not waited for', async () => {
  expect(await slow).toMatchObject(refused);
});

test('P1: TLS is by X25519MLKEM768 with whoever can, and by X25519 with others', async () => {
  const groups = ['X25519MLKEM768', 'X25519'];
  for (const ecdhCurve of [...groups, groups.join(':')]) {
    const socket = tls.connect({
      port: roost.federationPort,
      ca: ca.cert,
      servername: 'localhost',
      ecdhCurve,
    });
    const info = await new Promise<unknown>((resolve, reject) => {
      socket.once('secureConnect', () => resolve(socket.getEphemeralKeyInfo())).once('error', reject);
    });
    expect(info).toMatchObject({ name: ecdhCurve.split(':')[0] });
    socket.destroy();
  }
  const version = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const path = '/_matrix/federation/v1/version';
    const options = { host: 'localhost', port: roost.federationPort, path, ca: ca.cert };
    https
      .get(options, async (response) => {
        let text = '';
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        resolve({ status: response.statusCode, text });
      })
      .on('error', reject);
  });
  expect(version).toEqual({ status: 200, text: expect.stringContaining('"Roost"') });
});
