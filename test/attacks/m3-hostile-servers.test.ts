import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateAuthority } from '../harness/federation/certificates.ts';
import { type FederatedRoost, startFederatedRoost } from '../harness/federation/federated-roost.ts';
import { FederationServer } from '../harness/federation/federation-server.ts';
import { type Credentials, register } from '../harness/matrix-client.ts';

/** M3: servers whose media are not what they should be. */
const ca = new CertificateAuthority();
let roost: FederatedRoost;
let mallory: FederationServer;
let user: Credentials;

beforeAll(async () => {
  roost = await startFederatedRoost({ ca });
  mallory = await FederationServer.start({ ca });
  user = await register(roost.url, 'reader');
}, 120_000);

afterAll(async () => {
  await mallory?.stop();
  await roost?.stopAndRemove();
});

const mixed = { 'content-type': 'multipart/mixed; boundary=edge' };
const head =
  '--edge\r\ncontent-type: application/json\r\n\r\n{}\r\n--edge\r\ncontent-type: image/png\r\n\r\n';

/** Mallory's server answers the download of this id. */
function serve(mediaId: string, answer: (response: ServerResponse) => void): void {
  mallory.on('GET', `/_matrix/federation/v1/media/download/${mediaId}`, (_, response) => answer(response));
}

async function download(mediaId: string): Promise<{ status: number; body: string }> {
  const response = await fetch(`${roost.url}/_matrix/client/v1/media/download/${mallory.name}/${mediaId}`, {
    headers: { authorization: `Bearer ${user.accessToken}` },
  });
  return { status: response.status, body: await response.text() };
}

test('M3: a file in two parts is had, again after the server has changed its mind', async () => {
  serve('good', (response) => response.writeHead(200, mixed).end(`${head}picture\r\n--edge--\r\n`));
  expect(await download('good')).toEqual({ status: 200, body: 'picture' });
  serve('good', (response) => response.writeHead(200, mixed).end(`${head}another\r\n--edge--\r\n`));
  expect(await download('good')).toEqual({ status: 200, body: 'picture' });
});

test.each<[string, (response: ServerResponse) => void]>([
  ['a page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<script>')],
  ['no second part', (response) => response.writeHead(200, mixed).end('--edge\r\n\r\n{}\r\n--edge--\r\n')],
  ['no part at all', (response) => response.writeHead(200, mixed).end('nothing')],
  ['a part that does not end', (response) => response.writeHead(200, mixed).end(`${head}half`)],
  [
    'a connection that breaks',
    (response) => {
      response.writeHead(200, { ...mixed, 'content-length': '100000' });
      response.write(`${head}half`, () => response.destroy());
    },
  ],
  ['a redirect', (response) => response.writeHead(302, { location: 'https://169.254.169.254/' }).end()],
  [
    'an address of this network as location',
    (response) =>
      response
        .writeHead(200, mixed)
        .end('--edge\r\n\r\n{}\r\n--edge\r\nlocation: https://10.0.0.1/x\r\n\r\n\r\n--edge--'),
  ],
  [
    'the address of the cloud’s metadata as location',
    (response) =>
      response
        .writeHead(200, mixed)
        .end('--edge\r\n\r\n{}\r\n--edge\r\nlocation: http://169.254.169.254/latest\r\n\r\n\r\n--edge--'),
  ],
  [
    'heads without end',
    (response) => response.writeHead(200, mixed).end(`--edge\r\nx: ${'y'.repeat(100_000)}`),
  ],
])('M3: %s is given up, and nothing is kept', async (name, answer) => {
  const mediaId = Buffer.from(name).toString('base64url');
  serve(mediaId, answer);
  expect(await download(mediaId)).toMatchObject({ status: 502 });
  serve(mediaId, (response) => response.writeHead(200, mixed).end(`${head}after all\r\n--edge--\r\n`));
  expect(await download(mediaId)).toEqual({ status: 200, body: 'after all' });
});

test('M3: a file without end is cut off', async () => {
  serve('endless', (response) => {
    response.writeHead(200, mixed);
    response.write(head);
    const chunk = Buffer.alloc(4 * 1024 * 1024);
    const write = () => {
      if (!response.destroyed) response.write(chunk, (error) => error ?? write());
    };
    write();
  });
  expect(await download('endless')).toMatchObject({ status: 502 });
  expect((await download('good')).status).toBe(200);
}, 60_000);
