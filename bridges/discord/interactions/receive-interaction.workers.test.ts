import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import {
  applicationKeys,
  discordEnv,
  fetchWorker,
  roomReady,
  startDiscordBridge,
} from '../testing/discord-bridge.ts';
import { applicationId, channelId } from '../testing/fake-discord.ts';

let roomId = '';

beforeAll(async () => {
  await startDiscordBridge();
  roomId = await roomReady();
});

const ping = { type: 1, application_id: applicationId };
const status = {
  type: 2,
  application_id: applicationId,
  channel_id: channelId,
  member: { permissions: String(1 << 29) },
  data: { name: 'matrix', options: [{ name: 'status' }] },
};

/** Sends an interaction as Discord does, with what is to be wrong about it. */
async function interact(
  body: string,
  wrong: { key?: KeyObject; signedBody?: string; ageS?: number; to?: string; headers?: HeadersInit } = {},
) {
  const timestamp = String(Math.floor(Date.now() / 1000) - (wrong.ageS ?? 0));
  const text = timestamp + (wrong.signedBody ?? body);
  const signature = sign(null, Buffer.from(text), wrong.key ?? applicationKeys.privateKey).toString('hex');
  const response = await fetchWorker(`/_bridge/discord/interactions/${wrong.to ?? applicationId}`, {
    method: 'POST',
    body,
    headers: wrong.headers ?? { 'x-signature-ed25519': signature, 'x-signature-timestamp': timestamp },
  });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

test('a ping is answered', async () => {
  expect(await interact(JSON.stringify(ping))).toEqual({ status: 200, body: { type: 1 } });
});

test.each([
  ['of another key', { key: generateKeyPairSync('ed25519').privateKey }],
  ['over another body', { signedBody: '{}' }],
  [
    'over another time',
    { headers: { 'x-signature-ed25519': 'ab'.repeat(64), 'x-signature-timestamp': '1' } },
  ],
  ['too old', { ageS: 301 }],
  ['absent', { headers: {} }],
  ['no signature at all', { headers: { 'x-signature-ed25519': 'zz', 'x-signature-timestamp': 'now' } }],
  ['for an application that is not logged in', { to: '100000000000000009' }],
  ['for no application', { to: 'x' }],
])('W2: a signature %s is refused', async (_, wrong) => {
  expect((await interact(JSON.stringify(ping), wrong)).status).toBe(401);
});

test('W2: an interaction of another application is refused although it is signed', async () => {
  const other = { ...ping, application_id: '100000000000000009' };
  expect((await interact(JSON.stringify(other))).status).toBe(401);
});

test.each(['', 'x', '[]', '{}', '{"type":"1"}', `{"type":1,"application_id":{"__proto__":1}}`])(
  'a signed body that is none (%j) is a bad request',
  async (body) => {
    expect((await interact(body)).status).toBe(400);
  },
);

test('a body beyond the limit is not read on', async () => {
  expect((await interact('x'.repeat(300_000))).status).toBe(413);
});

test('only POST', async () => {
  expect((await fetchWorker(`/_bridge/discord/interactions/${applicationId}`)).status).toBe(405);
});

test('/matrix status tells those who may manage webhooks, and only them, and nobody else sees it', async () => {
  const told = await interact(JSON.stringify(status));
  expect(told.body).toMatchObject({ type: 4, data: { flags: 64, allowed_mentions: { parse: [] } } });
  expect(JSON.stringify(told.body)).toContain(roomId);
  expect(JSON.stringify(told.body)).toContain('Connection: live');
  const other = await interact(JSON.stringify({ ...status, member: { permissions: '1024' } }));
  expect(JSON.stringify(other.body)).not.toContain(roomId);
});

test('what goes wrong is an answer, not an exception', async () => {
  const { DB } = discordEnv;
  await DB.exec('ALTER TABLE logins RENAME TO away');
  expect((await interact(JSON.stringify(ping))).status).toBe(503);
  await DB.exec('ALTER TABLE away RENAME TO logins');
});
