import { beforeAll, describe, expect, test } from 'vitest';
import { makeAdministrator } from './lib/administrator.ts';
import { type Answer, ask, inParallel, Person, p } from './lib/attacker.ts';
import { cases, fill } from './lib/route-cases.ts';
import { target } from './lib/target.ts';

/** C10, R14: a session that has been ended is dead everywhere at once. */
const { url } = target;
const password = 'a long password';
let administrator: Person;

beforeAll(async () => {
  administrator = await makeAdministrator(url, 'c10-administrator');
});

const proof = (user: Person) => ({ type: 'm.login.password', user: user.userId, password });
const whoami = (token: string) => ask(url, 'GET', '/_matrix/client/v3/account/whoami', { token });

async function refreshable(user: Person) {
  const body = { ...proof(user), refresh_token: true };
  const { access_token: accessToken, refresh_token: refreshToken } = (
    await ask(url, 'POST', '/_matrix/client/v3/login', { body })
  ).body;
  const refresh = () =>
    ask(url, 'POST', '/_matrix/client/v3/refresh', { body: { refresh_token: refreshToken } });
  return { accessToken, refresh };
}

test.each<[string, (device: Person) => Promise<Answer>]>([
  ['all were logged out', (device) => device.call('POST', '/v3/logout/all')],
  [
    'its device was deleted',
    async (device) => {
      const { devices } = await device.ok('GET', '/v3/devices');
      const others = devices.map((each: { device_id: string }) => each.device_id);
      return device.call('POST', '/v3/delete_devices', { devices: others, auth: proof(device) });
    },
  ],
  [
    'the password was changed',
    (device) =>
      device.call('POST', '/v3/account/password', { new_password: 'another one', auth: proof(device) }),
  ],
  [
    'the account was deactivated',
    (device) => device.call('POST', '/v3/account/deactivate', { auth: proof(device) }),
  ],
])('C10, R14: after %s neither access nor refresh tokens work', async (name, end) => {
  const device = await Person.register(url, `c10-${name.replace(/[^a-z]/g, '-')}`);
  const other = await device.logIn();
  const session = await refreshable(device);
  expect((await end(device)).status).toBe(200);
  for (const token of [other.accessToken, session.accessToken]) {
    expect(await whoami(token)).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } });
    const sync = await ask(url, 'GET', '/_matrix/client/v3/sync?timeout=0', { token });
    expect(sync.status).toBe(401);
  }
  expect((await session.refresh()).status).toBe(401);
});

test('C10: a deactivated account is not logged in to, nor registered, nor a name to be had', async () => {
  const gone = await Person.register(url, 'c10-gone');
  await gone.ok('POST', '/v3/account/deactivate', { auth: proof(gone) });
  const login = await ask(url, 'POST', '/_matrix/client/v3/login', { body: proof(gone) });
  expect(login).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
  const body = { username: 'c10-gone', password, auth: { type: 'm.login.dummy' } };
  expect((await ask(url, 'POST', '/_matrix/client/v3/register', { body })).body.errcode).toBe(
    'M_USER_IN_USE',
  );
});

test('C10: a sync that waits when its session ends tells nothing of what comes later', async () => {
  const device = await Person.register(url, 'c10-waiting');
  const other = await device.logIn();
  const { next_batch: since } = await other.ok('GET', '/v3/sync?timeout=0');
  const waiting = other.call('GET', `/v3/sync?timeout=20000&since=${since}`);
  await device.ok('POST', '/v3/delete_devices', { devices: [other.deviceId], auth: proof(device) });
  await device.ok('PUT', p`/v3/user/${device.userId}/account_data/org.example.secret`, { later: true });
  expect((await waiting).text).not.toContain('org.example.secret');
});

test('C10: of requests, refreshes and log-outs at once none outlives the last log-out', async () => {
  const device = await Person.register(url, 'c10-race');
  const sessions = await Promise.all(Array.from({ length: 6 }, () => refreshable(device)));
  const answers = await Promise.all([
    ...sessions.map(({ refresh }) => refresh()),
    device.call('POST', '/v3/logout/all'),
    ...sessions.map(({ refresh }) => refresh()),
    ...sessions.map(({ accessToken }) => whoami(accessToken)),
  ]);
  const refreshed = answers.map(({ body }) => body.access_token).filter((token) => token !== undefined);
  for (const token of [...refreshed, ...sessions.map(({ accessToken }) => accessToken), device.accessToken]) {
    expect((await whoami(token)).status).toBe(401);
  }
  for (const { refresh } of sessions) expect((await refresh()).status).toBe(401);
});

describe('C10: an account that is', () => {
  const ofPeople = ['accessToken', 'deferred', 'administrator'];
  const forUsers = cases.filter(({ endpoint }) => ofPeople.includes(endpoint.auth));

  test('locked is refused everywhere but at the exit, and goes on when it is opened', async () => {
    const locked = await Person.register(url, 'c10-locked');
    const set = (value: boolean) =>
      administrator.ok('PUT', p`/v1/admin/lock/${locked.userId}`, { locked: value });
    await set(true);
    const wrong: string[] = [];
    await inParallel(
      forUsers.filter(({ endpoint }) => !['logout', 'logout_all'].includes(endpoint.operationId)),
      async ({ name, method, path, endpoint }) => {
        const { status, body, text } = await ask(url, method, fill(path, { userId: locked.userId }), {
          token: locked.accessToken,
          ...(endpoint.body && { body: {} }),
        });
        const right = status === 401 && body.errcode === 'M_USER_LOCKED' && body.soft_logout === true;
        if (!right) wrong.push(`${name}: ${status} ${text.slice(0, 200)}`);
      },
    );
    expect(wrong).toEqual([]);
    await set(false);
    expect((await whoami(locked.accessToken)).status).toBe(200);
    await set(true);
    expect((await locked.call('POST', '/v3/logout')).status).toBe(200);
    expect((await whoami(locked.accessToken)).body.errcode).toBe('M_UNKNOWN_TOKEN');
  });

  /** Reading, leaving, taking back what one said, and what secures the account. The rest is known to others. */
  const whileSuspended = [
    ...['leaveRoom', 'forgetRoom', 'redactEvent', 'reportEvent', 'reportRoom', 'reportUser'],
    ...[
      'slidingSync',
      'slidingSyncV4',
      'queryPublicRooms',
      'searchUserDirectory',
      'postReceipt',
      'setReadMarker',
      'setPresence',
    ],
    ...['changePassword', 'deactivateAccount', 'deleteDevice', 'deleteDevices', 'updateDevice'],
    ...['generateLoginToken', 'putDehydratedDevice', 'postDehydratedDeviceEvents', 'deleteDehydratedDevice'],
    ...['uploadKeys', 'queryKeys', 'claimKeys', 'uploadCrossSigningKeys', 'uploadCrossSigningSignatures'],
    ...[
      'postRoomKeysVersion',
      'putRoomKeysVersion',
      'putRoomKeys',
      'putRoomKeysByRoomId',
      'putRoomKeyBySessionId',
    ],
    ...['deleteRoomKeysVersion', 'deleteRoomKeys', 'deleteRoomKeysByRoomId', 'deleteRoomKeyBySessionId'],
    ...['setAccountData', 'setAccountDataPerRoom', 'deleteAccountData', 'deleteAccountDataPerRoom'],
    ...['setRoomTag', 'deleteRoomTag', 'defineFilter', 'putThreadSubscription', 'deleteThreadSubscription'],
    ...['setPushRule', 'setPushRuleActions', 'setPushRuleEnabled', 'deletePushRule', 'postPusher'],
    // Messages to devices carry verification; what they say in rooms needs the room.
    ...['sendToDevice', 'requestOpenIdToken'],
    // Refused to everybody, or to all but administrators.
    ...['add3PID', 'delete3pidFromAccount', 'setAdminLockUser', 'setAdminSuspendUser'],
    // They read, and have a body only to say what.
    ...['search'],
  ];

  test('suspended is refused by every endpoint by which others would hear of it', async () => {
    const suspended = await Person.register(url, 'c10-quiet');
    await administrator.ok('PUT', p`/v1/admin/suspend/${suspended.userId}`, { suspended: true });
    const changing = forUsers.filter(
      ({ method, endpoint }) =>
        method !== 'GET' &&
        // Refused to all but administrators, whom others do not hear.
        endpoint.auth !== 'administrator' &&
        !['logout', 'logout_all'].includes(endpoint.operationId),
    );
    const allowed = new Set<string>();
    await inParallel(changing, async ({ method, path, endpoint }) => {
      const { body } = await ask(url, method, fill(path, { userId: suspended.userId }), {
        token: suspended.accessToken,
        ...(endpoint.body && { body: {} }),
      });
      if (body.errcode !== 'M_USER_SUSPENDED') allowed.add(endpoint.operationId);
    });
    expect([...allowed].filter((operationId) => !whileSuspended.includes(operationId))).toEqual([]);
  });

  test('suspended changes nothing that others would hear of', async () => {
    const suspended = await Person.register(url, 'c10-suspended');
    const roomId = await suspended.createRoom();
    const user = p`/v1/admin/suspend/${suspended.userId}`;
    await administrator.ok('PUT', user, { suspended: true });
    for (const [method, path, body] of [
      ['PUT', p`/v3/rooms/${roomId}/send/m.room.message/1`, { msgtype: 'm.text', body: 'x' }],
      ['PUT', p`/v3/rooms/${roomId}/state/m.room.topic/`, { topic: 'x' }],
      ['POST', p`/v3/rooms/${roomId}/invite`, { user_id: administrator.userId }],
      ['PUT', p`/v3/profile/${suspended.userId}/displayname`, { displayname: 'x' }],
      ['POST', '/v3/createRoom', {}],
    ] as const) {
      expect(await suspended.call(method, path, body)).toMatchObject({
        status: 403,
        body: { errcode: 'M_USER_SUSPENDED' },
      });
    }
    expect((await suspended.call('GET', '/v3/sync?timeout=0')).status).toBe(200);
    expect((await suspended.call('POST', p`/v3/rooms/${roomId}/leave`, {})).status).toBe(200);
  });
});
