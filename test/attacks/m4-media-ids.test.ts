import { beforeAll, expect, test } from 'vitest';
import { makeAdministrator } from './lib/administrator.ts';
import { type Answer, ask, inParallel, Person, p } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/** M4: media that are not to be had, by ids that are twisted, foreign, or known from before. */
const { url, serverName } = target;
let olive: Person;
let mallory: Person;
let mediaId: string;

beforeAll(async () => {
  olive = await Person.register(url, 'm4-olive');
  mallory = await Person.register(url, 'm4-mallory');
  mediaId = await upload('marker-secret');
});

async function upload(raw: string): Promise<string> {
  const { body } = await ask(url, 'POST', '/_matrix/media/v3/upload', { token: olive.accessToken, raw });
  return String(body.content_uri).split('/').at(-1) ?? '';
}

const addresses = (server: string, id: string) => [
  `/_matrix/client/v1/media/download/${server}/${id}`,
  `/_matrix/client/v1/media/download/${server}/${id}/name.txt`,
  `/_matrix/client/v1/media/thumbnail/${server}/${id}?width=32&height=32`,
  `/_matrix/media/v3/download/${server}/${id}`,
  `/_matrix/media/v3/download/${server}/${id}/name.txt`,
  `/_matrix/media/v3/thumbnail/${server}/${id}?width=32&height=32`,
];

/** @param elsewhere whether another server may be asked, which is not there */
async function expectNothing(paths: string[], token?: string, elsewhere = false): Promise<void> {
  const refusals = [400, 401, 404, 405, ...(elsewhere ? [502, 504] : [])];
  const wrong: string[] = [];
  await inParallel(paths, async (path) => {
    const { status, text } = await ask(url, 'GET', path, { token });
    if (!refusals.includes(status) || text.includes('marker-')) wrong.push(`${path}: ${status}`);
  });
  expect(wrong).toEqual([]);
}

test('M4: no path leads out of what was uploaded', () =>
  expectNothing(
    [
      '..',
      '../../identity.json',
      '..%2F..%2Fidentity.json',
      '%2e%2e%2f%2e%2e%2fidentity.json',
      '..%5C..%5Cidentity.json',
      `${mediaId}%00`,
      `${mediaId}%2F..`,
      `x%2F..%2F${mediaId}`,
      `.%2F${mediaId}`,
      mediaId.slice(0, -1),
      `${mediaId}A`,
      '%25',
      '*',
      `'%20OR%201=1;--`,
      'x'.repeat(4000),
    ].flatMap((id) => addresses(serverName, id)),
    mallory.accessToken,
  ));

test('M4: the id of this server is none of another, however that is written', () =>
  expectNothing(
    [
      'elsewhere.test',
      `${serverName}:443`,
      `${serverName}.`,
      serverName.toUpperCase(),
      `${serverName}%00`,
      `${serverName}%2F..%2F${serverName}`,
    ].flatMap((server) => addresses(server, mediaId)),
    mallory.accessToken,
    true,
  ));

test('M4: without a token there is nothing, also at the former addresses', async () => {
  await expectNothing(addresses(serverName, mediaId));
  const former = await ask(url, 'GET', `/_matrix/media/v3/download/${serverName}/${mediaId}`);
  expect([former.status, former.body.errcode]).toEqual([404, 'M_NOT_FOUND']);
});

test('M4: an id that waits for somebody’s file takes nobody else’s', async () => {
  const { body } = await ask(url, 'POST', '/_matrix/media/v1/create', { token: olive.accessToken });
  const waiting = String(body.content_uri).split('/').at(-1) ?? '';
  const put = (by: Person, id: string, server = serverName): Promise<Answer> =>
    ask(url, 'PUT', p`/_matrix/media/v3/upload/${server}/${id}`, { token: by.accessToken, raw: 'mine' });
  expect((await put(mallory, waiting)).body.errcode).toBe('M_FORBIDDEN');
  expect((await put(mallory, mediaId)).body.errcode).toBe('M_CANNOT_OVERWRITE_MEDIA');
  expect((await put(mallory, waiting, 'elsewhere.test')).status).toBe(404);
  expect((await put(olive, waiting)).status).toBe(200);
});

test('M4: what is in quarantine is not found, under any address, by its uploader either', async () => {
  const administrator = await makeAdministrator(url, 'm4-administrator');
  const quarantined = await upload('marker-quarantined');
  const path = p`/_synapse/admin/v1/media/quarantine/${serverName}/${quarantined}`;
  const { status } = await ask(url, 'POST', path, { token: administrator.accessToken, body: {} });
  expect(status).toBe(200);
  for (const { accessToken } of [olive, mallory, administrator]) {
    await expectNothing(addresses(serverName, quarantined), accessToken);
  }
});
