import { expect, test } from 'vitest';
import { call, fetchRaw, registerUser } from '../../../../test/harness/homeserver-worker.ts';
import { adminRoutes } from './admin-routes.ts';
import { admin, as, owner, testEnv, useAdministration, user } from './testing/administration.ts';

useAdministration();

const guarded = adminRoutes
  .filter(({ auth }) => auth === 'administrator')
  .flatMap(({ method, paths }) => paths.map((path) => ({ method, path })));

const concrete = (path: string) =>
  path
    .replace('{userId}', encodeURIComponent('@nobody:roost.test'))
    .replaceAll(/\{room\w+\}/gi, encodeURIComponent('!nowhere:roost.test'))
    .replace('{eventId}', encodeURIComponent('$nothing'))
    .replaceAll(/\{\w+\}/g, '1');

test('there is what to guard', () => {
  expect(guarded.length).toBeGreaterThan(60);
});

test.each(guarded)('$method $path is for administrators alone', async ({ method, path }) => {
  const body = method === 'GET' ? {} : { body: {} };
  const at = concrete(path);
  const without = await call(method, at, body);
  expect(without).toMatchObject({ status: 401, body: { errcode: 'M_MISSING_TOKEN' } });
  const refused = await call(method, at, { token: user.accessToken, ...body });
  expect(refused).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
});

test('the token of the server itself is none of an administrator here, nor is that of a service', async () => {
  const own = await call('GET', '/_synapse/admin/v2/users', { token: testEnv.ADMIN_TOKEN });
  expect(own).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } });
  const [service] = JSON.parse(testEnv.APPSERVICE_REGISTRATIONS) as { as_token: string }[];
  if (!service) throw new Error('no service is registered');
  const path = `/_synapse/admin/v2/users?user_id=${encodeURIComponent(owner.userId)}`;
  expect((await call('GET', path, { token: service.as_token })).status).toBe(403);
});

test('who is locked, demoted or deactivated administers no more', async () => {
  const second = await registerUser('second');
  const ask = () => admin('GET', '/v2/users', undefined, second.accessToken);
  const make = (value: boolean) => admin('PUT', `/v1/users/${second.userId}/admin`, { admin: value });
  expect((await ask()).status).toBe(403);
  expect((await make(true)).body).toEqual({});
  expect((await ask()).status).toBe(200);
  await admin('PUT', `/v2/users/${second.userId}`, { locked: true });
  expect((await ask()).body.errcode).toBe('M_USER_LOCKED');
  await admin('PUT', `/v2/users/${second.userId}`, { locked: false });
  expect((await ask()).status).toBe(200);
  await make(false);
  expect((await ask()).status).toBe(403);
});

test('consoles of other origins may ask', async () => {
  const preflight = await fetchRaw('/_synapse/admin/v2/users', { method: 'OPTIONS' });
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  expect((await admin('GET', '/v2/users')).headers.get('access-control-allow-origin')).toBe('*');
  const own = await fetchRaw('/_roost/admin/v1/accounts/count', { method: 'OPTIONS' });
  expect(own.headers.get('access-control-allow-origin')).toBeNull();
});

test('the version is told to everybody, what is not served is unrecognized', async () => {
  const { status, body } = await call('GET', '/_synapse/admin/v1/server_version');
  expect({ status, body }).toEqual({
    status: 200,
    body: { server_version: expect.stringMatching(/^Roost \d/) },
  });
  for (const path of [
    `/v1/users/${user.userId}/shadow_ban`,
    '/v1/background_updates/status',
    '/v1/fetch_event/$x',
  ]) {
    expect(await admin('POST', path, {})).toMatchObject({ status: 404, body: { errcode: 'M_UNRECOGNIZED' } });
  }
});

test('a user is told of their own sessions, an administrator of everybody’s', async () => {
  const of = (userId: string) => `/v3/admin/whois/${encodeURIComponent(userId)}`;
  expect((await as(user, 'GET', of(user.userId))).body).toEqual({
    user_id: user.userId,
    devices: {
      [user.deviceId]: {
        sessions: [
          { connections: [{ ip: expect.any(String), last_seen: expect.any(Number), user_agent: '' }] },
        ],
      },
    },
  });
  expect((await as(user, 'GET', of(owner.userId))).body.errcode).toBe('M_FORBIDDEN');
  expect((await as(owner, 'GET', of(user.userId))).body.user_id).toBe(user.userId);
  expect((await as(owner, 'GET', of('@nobody:roost.test'))).status).toBe(404);
});
