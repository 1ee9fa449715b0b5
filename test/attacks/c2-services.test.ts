import { beforeAll, expect, test } from 'vitest';
import { services } from './lib/appservices.ts';
import { type Answer, ask, Person, p } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/** C2: application services stay in their namespaces, and everybody else out of them. */
const { url, serverName } = target;
const { gulls, terns } = services;
let olive: Person;

beforeAll(async () => {
  olive = await Person.register(url, 'c2-olive');
  expect((await register(gulls.asToken, 'gulls_one')).status).toBe(200);
});

function register(token: string | undefined, username: string): Promise<Answer> {
  const body = { type: 'm.login.application_service', username, inhibit_login: true };
  return ask(url, 'POST', '/_matrix/client/v3/register', { token, body });
}

function whoami(token: string, query: string): Promise<Answer> {
  return ask(url, 'GET', `/_matrix/client/v3/account/whoami${query}`, { token });
}

const as = (userId: string) => `?user_id=${encodeURIComponent(userId)}`;

test('C2, R8: a service is its bot and its ghosts, under no other spelling', async () => {
  expect((await whoami(gulls.asToken, '')).body.user_id).toBe(`@gullsbot:${serverName}`);
  expect((await whoami(gulls.asToken, as(`@gulls_one:${serverName}`))).body.user_id).toBe(
    `@gulls_one:${serverName}`,
  );
  for (const name of [
    olive.userId,
    `@ternsbot:${serverName}`,
    `@terns_one:${serverName}`,
    `@xgulls_one:${serverName}`,
    `@gulls_one:${serverName}.evil.test`,
    '@gulls_one:evil.test',
    `@gulls_one:${serverName.replace('.', 'x')}`,
  ]) {
    expect(await whoami(gulls.asToken, as(name))).toMatchObject({
      status: 403,
      body: { errcode: 'M_EXCLUSIVE' },
    });
  }
  for (const name of [
    '',
    'gulls_one',
    `x@gulls_one:${serverName}`,
    `${olive.userId}\n@gulls_one:${serverName}`,
  ]) {
    const { status } = await whoami(gulls.asToken, as(name));
    expect([400, 403]).toContain(status);
  }
});

test('C2: of two names the one that counts is the one that is checked', async () => {
  const both = `${as(`@gulls_one:${serverName}`)}&user_id=${encodeURIComponent(olive.userId)}`;
  expect((await whoami(gulls.asToken, both)).body.user_id).toBe(`@gulls_one:${serverName}`);
  const turned = `${as(olive.userId)}&user_id=${encodeURIComponent(`@gulls_one:${serverName}`)}`;
  expect((await whoami(gulls.asToken, turned)).status).toBe(403);
});

test('C2: people assert nobody and change no time', async () => {
  expect((await whoami(olive.accessToken, as(`@gulls_one:${serverName}`))).body).toMatchObject({
    user_id: olive.userId,
    device_id: olive.deviceId,
  });
  const roomId = await olive.createRoom();
  const path = p`/v3/rooms/${roomId}/send/m.room.message/1`;
  const { event_id: eventId } = await olive.ok('PUT', `${path}?ts=1000`, { msgtype: 'm.text', body: 'x' });
  const event = await olive.ok('GET', p`/v3/rooms/${roomId}/event/${eventId}`);
  expect(event.origin_server_ts).toBeGreaterThan(1000);
});

test('C2: names of a service are made by that service alone', async () => {
  for (const [token, username] of [
    [gulls.asToken, 'terns_two'],
    [terns.asToken, 'gulls_two'],
    [gulls.asToken, 'c2-person'],
  ] as const) {
    expect(await register(token, username)).toMatchObject({ status: 400, body: { errcode: 'M_EXCLUSIVE' } });
  }
  expect((await register(gulls.hsToken, 'gulls_two')).status).toBe(401);
  expect((await register(olive.accessToken, 'gulls_two')).status).toBe(401);
  expect((await register(undefined, 'gulls_two')).status).toBe(401);
  const body = { username: 'gulls_two', password: 'a long password', auth: { type: 'm.login.dummy' } };
  expect(await ask(url, 'POST', '/_matrix/client/v3/register', { body })).toMatchObject({
    status: 400,
    body: { errcode: 'M_EXCLUSIVE' },
  });
  const roomId = await olive.createRoom();
  const alias = p`/v3/directory/room/${`#gulls_bay:${serverName}`}`;
  expect(await olive.call('PUT', alias, { room_id: roomId })).toMatchObject({
    status: 400,
    body: { errcode: 'M_EXCLUSIVE' },
  });
});

test('C2: a service logs in its own users, and none without its token', async () => {
  const logIn = (token: string | undefined, user: string) =>
    ask(url, 'POST', '/_matrix/client/v3/login', {
      token,
      body: { type: 'm.login.application_service', identifier: { type: 'm.id.user', user } },
    });
  expect((await logIn(gulls.asToken, 'gulls_one')).status).toBe(200);
  for (const user of ['c2-olive', olive.userId, 'ternsbot']) {
    expect((await logIn(gulls.asToken, user)).body.errcode).toBe('M_EXCLUSIVE');
  }
  for (const token of [undefined, gulls.hsToken, terns.asToken, olive.accessToken]) {
    expect((await logIn(token, 'gulls_one')).status).toBeGreaterThanOrEqual(400);
  }
});

test('C2: a service is no administrator, nor another service', async () => {
  const lock = await ask(url, 'PUT', p`/_matrix/client/v1/admin/lock/${olive.userId}`, {
    token: gulls.asToken,
    body: { locked: true },
  });
  expect(lock).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
  const ping = await ask(url, 'POST', '/_matrix/client/v1/appservice/terns/ping', {
    token: gulls.asToken,
    body: {},
  });
  expect(ping).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
});
