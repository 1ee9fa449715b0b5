import { lookup } from 'node:dns/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { CertificateAuthority } from '../../test/harness/federation/certificates.ts';
import { FederationServer } from '../../test/harness/federation/federation-server.ts';
import { Outbound, type OutboundOptions } from './outbound.ts';

vi.mock('node:dns/promises', () => ({ lookup: vi.fn() }));
const lookUp = vi.mocked(lookup as (host: string) => Promise<unknown>);

const ca = new CertificateAuthority();
const remote = await FederationServer.start({ ca, name: 'remote.test' });
const servers: http.Server[] = [];

beforeEach(() => {
  lookUp.mockReset();
  remote.received.length = 0;
});

afterAll(async () => {
  for (const server of servers) server.close();
  await remote.stop();
});

/** Asks through a way with those options. */
async function ask(
  options: Partial<OutboundOptions>,
  connect: string,
  hostHeader = connect,
  body?: string,
): Promise<{ status: number; error: string | undefined; text: string }> {
  const outbound = new Outbound({ hosts: {}, allowsLoopback: false, ca: ca.cert, ...options });
  const server = http.createServer((request, response) => void outbound.handle(request, response));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/_matrix/key/v2/server?x=%20'`, {
    headers: { 'roost-connect': connect, 'roost-host': hostHeader, 'x-other': 'kept' },
    ...(body !== undefined && { method: 'PUT', body }),
  });
  const error = response.headers.get('roost-outbound-error') ?? undefined;
  const answer = { status: response.status, error, text: await response.text() };
  outbound.close();
  return answer;
}

const refused = { status: 502, error: 'refused' };

test.each([
  '127.0.0.1:443',
  '10.1.2.3:443',
  '[::1]:443',
  '[::ffff:127.0.0.1]:443',
  '169.254.169.254:80',
  '0.0.0.0:1',
])('F15: %s is not connected to', async (connect) => {
  expect(await ask({}, connect)).toMatchObject(refused);
  expect(lookUp).not.toHaveBeenCalled();
});

test.each(['127.0.0.1', '192.168.1.1', '::1', 'fe80::1', '::ffff:10.0.0.1', 'fd00::1'])(
  'F15: a public name of %s is not connected to',
  async (address) => {
    lookUp.mockResolvedValue([{ address }]);
    expect(await ask({}, 'rebound.test:443')).toMatchObject(refused);
  },
);

test('of several addresses one that answers is found', async () => {
  // Nothing listens at the first.
  lookUp.mockResolvedValue([{ address: '127.0.0.2' }, { address: '127.0.0.1' }]);
  const connect = `remote.test:${remote.port}`;
  expect(await ask({ allowsLoopback: true }, connect, 'remote.test')).toMatchObject({ status: 200 });
});

test('F15: who is connected to is the address that was checked, though the name leads elsewhere a moment later', async () => {
  lookUp
    .mockResolvedValueOnce([{ address: '10.0.0.1' }, { address: '127.0.0.1' }])
    .mockResolvedValue([{ address: '10.0.0.1' }]);
  const connect = `remote.test:${remote.port}`;
  expect(await ask({ allowsLoopback: true }, connect, 'remote.test')).toMatchObject({ status: 200 });
  expect(lookUp).toHaveBeenCalledTimes(1);
});

test('the server sees the host that it is called by, in TLS and in HTTP, and nothing of the way', async () => {
  const hosts = { 'other.test:443': `127.0.0.1:${remote.port}` };
  expect(await ask({ hosts }, 'other.test:443', 'remote.test', '{"a":1}')).toMatchObject({ status: 404 });
  const [received] = remote.received;
  expect(received).toMatchObject({ method: 'PUT', body: { a: 1 }, tlsName: 'remote.test' });
  expect(received?.path).toBe('/_matrix/key/v2/server?x=%20%27');
  expect(received?.headers).toMatchObject({
    host: 'remote.test',
    'x-other': 'kept',
    'accept-encoding': 'identity',
  });
  expect(Object.keys(received?.headers ?? {}).filter((name) => name.startsWith('roost-'))).toEqual([]);
});

test('a certificate of another name, or of nobody that is known, is none', async () => {
  const hosts = { 'other.test': `127.0.0.1:${remote.port}` };
  expect(await ask({ hosts }, 'other.test:443')).toMatchObject({ status: 502, error: 'unreachable' });
  const unknown = { hosts, ca: new CertificateAuthority().cert };
  expect(await ask(unknown, 'other.test:443', 'remote.test')).toMatchObject({ error: 'unreachable' });
  expect(remote.received).toEqual([]);
});

test('what a server says of the way is not believed', async () => {
  remote.on('GET', '/_matrix/key/v2/server', (_, response) => {
    response.writeHead(200, { 'roost-outbound-error': 'refused', 'x-other': 'kept' }).end('{}');
  });
  const hosts = { 'remote.test': `127.0.0.1:${remote.port}` };
  expect(await ask({ hosts }, 'remote.test:443')).toEqual({ status: 200, error: undefined, text: '{}' });
});
