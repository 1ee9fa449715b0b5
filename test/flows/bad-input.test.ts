import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { api, type Credentials, logIn, newTxnId, register } from '../harness/matrix-client.ts';
import { matrixFetch } from '../harness/matrix-fetch.ts';
import { measure, quiet, total } from '../harness/meter.ts';
import { linkSlack, type SlackWorld, startSlackWorld } from '../harness/networks.ts';
import { Roost } from '../harness/roost.ts';
import { waitFor } from '../harness/wait-for.ts';

/** What is refused gets the protocol's own error, writes nothing, and does not hurt the next request. */
let roost: Roost;
let slack: SlackWorld;
let olive: Credentials;
let roomId: string;
let eventsUrl: string;

beforeAll(async () => {
  slack = await startSlackWorld();
  roost = await Roost.start({ bridges: true, meter: true, slackApiUrl: slack.simulator.apiUrl });
  await register(roost.url, 'olive');
  olive = await logIn(roost.url, 'olive');
  const created = await api<{ room_id: string }>(roost.url, olive.accessToken, 'POST', 'v3/createRoom', {});
  roomId = encodeURIComponent(created.room_id);
  await linkSlack(roost, slack, olive.userId);
  // What follows a login (rooms, profiles, history) is not to be mistaken for a trace of what is refused.
  await waitFor('the rooms of Slack', async () => {
    const { joined_rooms: joined } = await api<{ joined_rooms: string[] }>(
      roost.url,
      olive.accessToken,
      'GET',
      'v3/joined_rooms',
    );
    return joined.length >= 4;
  });
  // Longer than any object's alarm waits after a change.
  await quiet(roost, 12_000);
  eventsUrl = slack.app.eventsUrl ?? '';
}, 120_000);

afterAll(async () => {
  await roost?.stopAndRemove();
  await slack?.simulator.stop();
});

interface Refused {
  name: string;
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  status: number;
  errcode?: string;
}

async function expectRefused(cases: Refused[]): Promise<void> {
  const cost = await measure(roost, async () => {
    for (const { name, path, method, headers, body, status, errcode } of cases) {
      const url = path.startsWith('http') ? path : roost.url + path;
      const response = await matrixFetch(url, {
        method: method ?? 'POST',
        headers: headers ?? {},
        body: body ?? null,
      });
      const text = await response.text();
      expect({ name, status: response.status }).toEqual({ name, status });
      if (errcode) expect({ name, body: JSON.parse(text) }).toMatchObject({ name, body: { errcode } });
    }
  });
  expect(total(cost.rowsWritten)).toBe(0);
}

async function expectAlive(): Promise<void> {
  const members = `v3/rooms/${roomId}/joined_members`;
  const { joined } = await api<{ joined: object }>(roost.url, olive.accessToken, 'GET', members);
  expect(Object.keys(joined)).toEqual([olive.userId]);
}

test('client-server API', async () => {
  const auth = { authorization: `Bearer ${olive.accessToken}` };
  const send = `/_matrix/client/v3/rooms/${roomId}/send/m.room.message`;
  const message = JSON.stringify({ msgtype: 'm.text', body: 'x' });
  const forged = `${olive.accessToken.slice(0, -1)}${olive.accessToken.endsWith('A') ? 'B' : 'A'}`;
  const put = { method: 'PUT', headers: auth };
  await expectRefused([
    {
      name: 'no token',
      path: `${send}/1`,
      method: 'PUT',
      body: message,
      status: 401,
      errcode: 'M_MISSING_TOKEN',
    },
    {
      name: 'forged token',
      path: `${send}/1`,
      method: 'PUT',
      headers: { authorization: `Bearer ${forged}` },
      body: message,
      status: 401,
      errcode: 'M_UNKNOWN_TOKEN',
    },
    { ...put, name: 'no JSON', path: `${send}/2`, body: '{"msgtype":', status: 400, errcode: 'M_NOT_JSON' },
    { ...put, name: 'an array', path: `${send}/3`, body: '[]', status: 400, errcode: 'M_BAD_JSON' },
    { ...put, name: 'a float', path: `${send}/4`, body: '{"body":1.5}', status: 400, errcode: 'M_BAD_JSON' },
    {
      ...put,
      name: 'deep nesting',
      path: `${send}/5`,
      body: `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`,
      status: 400,
    },
    {
      ...put,
      name: 'event over 65,536 bytes',
      path: `${send}/6`,
      body: JSON.stringify({ msgtype: 'm.text', body: 'x'.repeat(66_000) }),
      status: 413,
      errcode: 'M_TOO_LARGE',
    },
    {
      ...put,
      name: 'body over the limit',
      path: `${send}/7`,
      body: JSON.stringify({ body: 'x'.repeat(9_000_000) }),
      status: 413,
      errcode: 'M_TOO_LARGE',
    },
    {
      ...put,
      name: 'unknown room',
      path: `/_matrix/client/v3/rooms/!${'A'.repeat(43)}/send/m.room.message/8`,
      body: message,
      status: 403,
      errcode: 'M_FORBIDDEN',
    },
    { name: 'unknown path', path: '/_matrix/client/v3/nothing', status: 404, errcode: 'M_UNRECOGNIZED' },
    {
      name: 'wrong method',
      path: '/_matrix/client/v3/sync',
      method: 'DELETE',
      status: 405,
      errcode: 'M_UNRECOGNIZED',
    },
    {
      name: 'wrong password',
      path: '/_matrix/client/v3/login',
      body: JSON.stringify({
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: 'olive' },
        password: 'wrong',
      }),
      status: 403,
      errcode: 'M_FORBIDDEN',
    },
    { name: 'no owner', path: '/_roost/admin/v1/registration_tokens', body: '{"uses":1}', status: 401 },
  ]);
  await expectAlive();
});

test('application service API and provisioning of a bridge', async () => {
  const transaction = '/_bridge/slack/_matrix/app/v1/transactions/1';
  await expectRefused([
    { name: 'no hs_token', path: transaction, method: 'PUT', body: '{"events":[]}', status: 401 },
    {
      name: 'wrong hs_token',
      path: transaction,
      method: 'PUT',
      headers: { authorization: 'Bearer guess' },
      body: '{"events":[]}',
      status: 403,
      errcode: 'M_FORBIDDEN',
    },
    {
      name: 'wrong provisioning token',
      path: `/_bridge/slack/_matrix/provision/v3/logins?user_id=${encodeURIComponent(olive.userId)}`,
      method: 'GET',
      headers: { authorization: 'Bearer guess' },
      status: 401,
    },
    { name: 'unknown bridge', path: '/_bridge/icq/events', status: 404, errcode: 'M_UNRECOGNIZED' },
  ]);
  await expectAlive();
});

test('Slack events', async () => {
  const body = JSON.stringify({ type: 'event_callback', event_id: 'Ev1', event: { type: 'message' } });
  const now = Math.floor(Date.now() / 1000);
  const signed = (text: string, timestamp: number, secret = slack.app.signingSecret) => ({
    'content-type': 'application/json',
    'x-slack-request-timestamp': String(timestamp),
    'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${text}`).digest('hex')}`,
  });
  const huge = JSON.stringify({ padding: 'x'.repeat(5_000_000) });
  await expectRefused([
    { name: 'unsigned', path: eventsUrl, body, status: 401 },
    { name: 'wrong secret', path: eventsUrl, body, headers: signed(body, now, 'guess'), status: 401 },
    { name: 'altered body', path: eventsUrl, body: `${body} `, headers: signed(body, now), status: 401 },
    { name: 'stale', path: eventsUrl, body, headers: signed(body, now - 400), status: 401 },
    { name: 'from the future', path: eventsUrl, body, headers: signed(body, now + 400), status: 401 },
    { name: 'no JSON', path: eventsUrl, body: '{', headers: signed('{', now), status: 400 },
    { name: 'too large', path: eventsUrl, body: huge, headers: signed(huge, now), status: 413 },
    {
      name: 'unknown app',
      path: `${eventsUrl.slice(0, -4)}AAAA`,
      body,
      headers: signed(body, now),
      status: 404,
    },
  ]);
  await expectAlive();
});

test('Discord interactions', async () => {
  const path = '/_bridge/discord/interactions/123456789012345678';
  const headers = {
    'x-signature-ed25519': 'ab'.repeat(64),
    'x-signature-timestamp': String(Math.floor(Date.now() / 1000)),
  };
  await expectRefused([
    { name: 'unsigned', path, body: '{"type":1}', status: 401 },
    { name: 'unknown application', path, body: '{"type":1}', headers, status: 401 },
  ]);
  await expectAlive();
});

test('after all that, a message is sent as ever', async () => {
  const path = `v3/rooms/${roomId}/send/m.room.message/${newTxnId()}`;
  const { event_id: eventId } = await api(roost.url, olive.accessToken, 'PUT', path, {
    msgtype: 'm.text',
    body: 'hi',
  });
  expect(eventId).toMatch(/^\$/);
});
