import { beforeAll, describe, expect, test, vi } from 'vitest';
import { call, logIn, password, registerUser } from '../../../../test/harness/homeserver-worker.ts';
import { admin, as, enc, makeRoom, owner, say, useAdministration, user } from './testing/administration.ts';

useAdministration();

const at = (userId: string) => `/v2/users/${enc(userId)}`;
const names = (body: Record<string, unknown>) => (body.users as { name: string }[]).map(({ name }) => name);

describe('the list of users', () => {
  beforeAll(async () => {
    for (const name of ['list-a', 'list-b', 'list-c']) {
      expect((await admin('PUT', at(`@${name}:roost.test`), { displayname: `The ${name}` })).status).toBe(
        201,
      );
    }
    await admin('PUT', at('@list-b:roost.test'), { deactivated: true });
    await admin('PUT', at('@list-c:roost.test'), { locked: true });
  });

  test('shows each with what consoles read', async () => {
    const { body } = await admin('GET', '/v3/users?name=owner');
    expect(body).toEqual({
      users: [
        {
          name: owner.userId,
          displayname: 'owner',
          avatar_url: null,
          admin: true,
          deactivated: false,
          erased: false,
          locked: false,
          suspended: false,
          creation_ts: expect.any(Number),
          appservice_id: null,
          is_guest: false,
          shadow_banned: false,
          approved: true,
          user_type: null,
          last_seen_ts: null,
        },
      ],
      total: 1,
    });
    const [listed] = body.users as { creation_ts: number }[];
    const single = await admin('GET', at(owner.userId));
    expect(single.body.creation_ts).toBe(Math.floor((listed?.creation_ts ?? 0) / 1000));
    expect(single.body).toMatchObject({ name: owner.userId, threepids: [], external_ids: [] });
  });

  test('has pages in both directions', async () => {
    const first = await admin('GET', '/v3/users?user_id=list-&limit=1&locked=true');
    expect(first.body).toMatchObject({ total: 3, next_token: '1' });
    const second = await admin('GET', '/v3/users?user_id=list-&limit=2&from=1&locked=true');
    expect(second.body.next_token).toBeUndefined();
    expect([...names(first.body), ...names(second.body)]).toEqual([
      '@list-a:roost.test',
      '@list-b:roost.test',
      '@list-c:roost.test',
    ]);
    const backwards = await admin('GET', '/v3/users?user_id=list-&dir=b&order_by=displayname&locked=true');
    expect(names(backwards.body)).toEqual(
      names((await admin('GET', '/v3/users?user_id=list-&locked=true&dir=b')).body),
    );
    expect((await admin('GET', '/v3/users?limit=0')).body).toMatchObject({
      users: [],
      total: expect.any(Number),
    });
  });

  test.each([
    ['v2', '', ['@list-a:roost.test']],
    ['v2', '&deactivated=true', ['@list-a:roost.test', '@list-b:roost.test']],
    ['v3', '', ['@list-a:roost.test', '@list-b:roost.test']],
    ['v3', '&deactivated=true', ['@list-b:roost.test']],
    ['v3', '&deactivated=false&locked=true', ['@list-a:roost.test', '@list-c:roost.test']],
    ['v3', '&admins=true', []],
    ['v3', '&shadow_banned=true', []],
    ['v3', '&name=THE%20LIST-A', ['@list-a:roost.test']],
  ])('%s finds by %j', async (version, filter, found) => {
    expect(names((await admin('GET', `/${version}/users?user_id=list-${filter}`)).body)).toEqual(found);
  });

  test('refuses what it does not know', async () => {
    for (const query of ['order_by=password', 'dir=x', 'limit=-1', 'from=x', 'admins=1']) {
      expect((await admin('GET', `/v3/users?${query}`)).body.errcode, query).toBe('M_INVALID_PARAM');
    }
  });
});

test('accounts are made and changed', async () => {
  const id = '@made:roost.test';
  const made = await admin('PUT', at(id), { password, displayname: 'Made', admin: true, threepids: [] });
  expect(made).toMatchObject({ status: 201, body: { name: id, displayname: 'Made', admin: true } });
  const signed = await logIn('made');
  const changed = await admin('PUT', at(id), {
    ...made.body,
    displayname: 'Changed',
    avatar_url: 'mxc://roost.test/picture',
    admin: false,
  });
  expect(changed).toMatchObject({
    status: 200,
    body: { displayname: 'Changed', avatar_url: 'mxc://roost.test/picture', admin: false },
  });
  expect((await call('GET', `/v3/profile/${enc(id)}`)).body).toEqual({
    displayname: 'Changed',
    avatar_url: 'mxc://roost.test/picture',
  });
  expect((await admin('PUT', at(id), { avatar_url: '' })).body).toMatchObject({ avatar_url: null });
  expect((await as(signed, 'GET', '/v3/account/whoami')).status).toBe(200);

  await admin('PUT', at(id), { password: 'another long password' });
  expect((await as(signed, 'GET', '/v3/account/whoami')).status).toBe(401);
  const again = await logIn('made', { password: 'another long password' });
  await admin('POST', `/v1/reset_password/${enc(id)}`, { new_password: password, logout_devices: false });
  expect((await as(again, 'GET', '/v3/account/whoami')).status).toBe(200);
  await logIn('made');
});

test('what cannot be is refused, and nothing changes', async () => {
  const id = '@refused:roost.test';
  for (const body of [
    { password: 'x'.repeat(10_000) },
    { threepids: [{ medium: 'email', address: 'x@y.test' }] },
    { external_ids: [{ auth_provider: 'x', external_id: 'y' }] },
    { avatar_url: 'https://x.test/' },
    { displayname: 'x'.repeat(257) },
    { admin: 'yes' },
  ]) {
    expect((await admin('PUT', at(id), body)).status, JSON.stringify(body)).toBe(400);
  }
  expect((await admin('GET', at(id))).body.errcode).toBe('M_NOT_FOUND');
  for (const other of ['@Big:roost.test', '@bridge_x:elsewhere.test', 'nobody']) {
    expect((await admin('PUT', at(other), {})).body.errcode, other).toBe('M_INVALID_PARAM');
  }
});

test('administrators do not lock themselves out', async () => {
  for (const [method, path, body] of [
    ['PUT', at(owner.userId), { admin: false }],
    ['PUT', at(owner.userId), { locked: true }],
    ['PUT', at(owner.userId), { deactivated: true }],
    ['POST', `/v1/deactivate/${enc(owner.userId)}`, {}],
    ['PUT', `/v1/users/${enc(owner.userId)}/admin`, { admin: false }],
    ['PUT', `/v1/suspend/${enc(owner.userId)}`, { suspend: true }],
  ] as const) {
    expect((await admin(method, path, body)).body.errcode, path).toBe('M_INVALID_PARAM');
  }
  expect((await admin('GET', `/v1/users/${enc(owner.userId)}/admin`)).body).toEqual({ admin: true });
});

test('an account is closed, erased, and opened again by a new password', async () => {
  const id = '@closing:roost.test';
  const closing = await registerUser('closing');
  const answer = await admin('POST', `/v1/deactivate/${enc(id)}`, { erase: true });
  expect(answer.body).toEqual({ id_server_unbind_result: 'success' });
  expect((await as(closing, 'GET', '/v3/account/whoami')).status).toBe(401);
  expect((await admin('GET', at(id))).body).toMatchObject({
    deactivated: true,
    erased: true,
    displayname: null,
  });
  expect((await admin('PUT', at(id), { deactivated: false })).body.errcode).toBe('M_INVALID_PARAM');
  await expect(logIn('closing')).rejects.toThrow('403');
  expect((await admin('PUT', at(id), { deactivated: false, password })).body).toMatchObject({
    deactivated: false,
    erased: false,
  });
  await logIn('closing');
});

test('suspension is told in lists, by whichever way it came', async () => {
  expect((await admin('PUT', `/v1/suspend/${enc(user.userId)}`, { suspend: true })).body).toEqual({
    [`user_${user.userId}_suspended`]: true,
  });
  expect(names((await admin('GET', '/v3/users?suspended=true')).body)).toEqual([user.userId]);
  const path = `/v1/admin/suspend/${enc(user.userId)}`;
  await call('PUT', path, { token: owner.accessToken, body: { suspended: false } });
  expect(names((await admin('GET', '/v3/users?suspended=true')).body)).toEqual([]);
});

test('devices are listed, made, named and signed out', async () => {
  const other = await logIn('user');
  const devices = `${at(user.userId)}/devices`;
  const listed = await admin('GET', devices);
  expect(listed.body.total).toBe(2);
  expect(listed.body.devices).toContainEqual({
    user_id: user.userId,
    device_id: other.deviceId,
    display_name: null,
    last_seen_ip: null,
    last_seen_ts: expect.any(Number),
    last_seen_user_agent: null,
  });
  expect((await admin('PUT', `${devices}/${other.deviceId}`, { display_name: 'Phone' })).body).toEqual({});
  expect((await admin('GET', `${devices}/${other.deviceId}`)).body.display_name).toBe('Phone');
  expect((await admin('POST', devices, { device_id: 'MADE' })).status).toBe(201);
  expect((await admin('GET', devices)).body.total).toBe(3);
  expect((await admin('DELETE', `${devices}/${other.deviceId}`)).body).toEqual({});
  expect((await as(other, 'GET', '/v3/account/whoami')).status).toBe(401);
  expect((await admin('GET', `${devices}/${other.deviceId}`)).body.errcode).toBe('M_NOT_FOUND');
  await admin('POST', `${at(user.userId)}/delete_devices`, { devices: ['MADE', 'NONE'] });
  expect((await admin('GET', devices)).body.total).toBe(1);
  const connection = { ip: '', last_seen: expect.any(Number), user_agent: '' };
  expect((await admin('GET', `/v1/whois/${enc(user.userId)}`)).body).toEqual({
    user_id: user.userId,
    devices: { '': { sessions: [{ connections: [connection] }] } },
  });
});

test('rooms, account data and pushers of a user are shown', async () => {
  const roomId = await makeRoom(user);
  const left = await makeRoom(user);
  await as(user, 'POST', `/v3/rooms/${enc(left)}/leave`, {});
  await as(user, 'PUT', `/v3/user/${enc(user.userId)}/account_data/org.test`, { a: 1 });
  await as(user, 'PUT', `/v3/user/${enc(user.userId)}/rooms/${enc(roomId)}/account_data/org.test`, { b: 2 });
  const v1 = `/v1/users/${enc(user.userId)}`;
  await vi.waitFor(async () => {
    const { body } = await admin('GET', `${v1}/memberships`);
    expect(body.memberships).toMatchObject({ [roomId]: 'join', [left]: 'leave' });
  });
  expect((await admin('GET', `${v1}/joined_rooms`)).body).toEqual({ joined_rooms: [roomId], total: 1 });
  const { account_data: data } = (await admin('GET', `${v1}/accountdata`)).body;
  expect(data).toMatchObject({
    global: { 'org.test': { a: 1 }, 'm.push_rules': { global: expect.any(Object) } },
    rooms: { [roomId]: { 'org.test': { b: 2 } } },
  });
  await as(user, 'POST', '/v3/pushers/set', {
    kind: 'http',
    app_id: 'test',
    pushkey: 'key',
    app_display_name: 'App',
    device_display_name: 'Phone',
    lang: 'en',
    data: { url: 'https://push.test/_matrix/push/v1/notify' },
  });
  const { body } = await admin('GET', `${v1}/pushers`);
  expect(body).toMatchObject({
    total: 1,
    pushers: [
      { app_id: 'test', pushkey: 'key', kind: 'http', lang: 'en', data: { url: expect.any(String) } },
    ],
  });
  expect((await admin('GET', `${v1}/override_ratelimit`)).body).toEqual({});
  expect((await admin('GET', `/v1/experimental_features/${enc(user.userId)}`)).body).toEqual({
    features: {},
  });
});

test('a session as another user is a device of theirs, and ends when it was said', async () => {
  const v1 = `/v1/users/${enc(user.userId)}/login`;
  const { body } = await admin('POST', v1, { valid_until_ms: Date.now() + 60_000 });
  const who = await call('GET', '/v3/account/whoami', { token: String(body.access_token) });
  expect(who.body.user_id).toBe(user.userId);
  const devices = (await as(user, 'GET', '/v3/devices')).body.devices as Record<string, string>[];
  expect(devices.map((device) => device.display_name)).toContain(`Administrator ${owner.userId}`);
  expect((await admin('POST', v1, { valid_until_ms: 1 })).body.errcode).toBe('M_INVALID_PARAM');
  expect((await admin('POST', `/v1/users/${enc(owner.userId)}/login`, {})).body.errcode).toBe(
    'M_INVALID_PARAM',
  );
  expect((await admin('POST', '/v1/users/@nobody:roost.test/login', {})).body.errcode).toBe('M_NOT_FOUND');
});

test('names are free or not, and nobody is found by what accounts do not have', async () => {
  const free = (name: string) => admin('GET', `/v1/username_available?username=${enc(name)}`);
  expect((await free('nobody')).body).toEqual({ available: true });
  expect(await free('user')).toMatchObject({ status: 400, body: { errcode: 'M_USER_IN_USE' } });
  expect((await free('no body')).body.errcode).toBe('M_INVALID_USERNAME');
  expect((await admin('GET', '/v1/threepid/email/users/a@b.test')).body.errcode).toBe('M_NOT_FOUND');
  expect((await admin('GET', '/v1/auth_providers/x/users/y')).body.errcode).toBe('M_NOT_FOUND');
});

test('what a user said is redacted, in one room or in all', async () => {
  const talker = await registerUser('talker');
  const [one, other] = [await makeRoom(talker), await makeRoom(talker)];
  const events = [];
  for (const roomId of [one, one, other]) {
    events.push({ roomId, eventId: await say(talker, roomId, { msgtype: 'm.text', body: 'spam' }) });
  }
  const bodyOf = async ({ roomId, eventId }: { roomId: string; eventId: string }) => {
    const found = await as(talker, 'GET', `/v3/rooms/${enc(roomId)}/event/${enc(eventId)}`);
    return (found.body.content as { body?: string }).body;
  };
  const redact = (rooms: string[], limit?: number) =>
    admin('POST', `/v1/user/${enc(talker.userId)}/redact`, { rooms, limit, reason: 'spam' });
  await redact([one], 1);
  expect(await Promise.all(events.map(bodyOf))).toEqual(['spam', undefined, 'spam']);
  await vi.waitFor(async () => {
    const { body } = await admin('GET', `/v1/users/${enc(talker.userId)}/joined_rooms`);
    expect(body.total).toBe(2);
  });
  const { redact_id: id } = (await redact([])).body;
  expect((await admin('GET', `/v1/user/redact_status/${id}`)).body).toEqual({
    status: 'complete',
    failed_redactions: {},
  });
  expect(await Promise.all(events.map(bodyOf))).toEqual([undefined, undefined, undefined]);
  const elsewhere = await makeRoom(owner);
  const failed = (await redact([elsewhere, '!nowhere:roost.test'])).body.redact_id;
  const { failed_redactions: failures } = (await admin('GET', `/v1/user/redact_status/${failed}`)).body;
  expect(Object.keys(failures as object)).toEqual(['!nowhere:roost.test']);
  expect((await admin('GET', '/v1/user/redact_status/none')).body.errcode).toBe('M_NOT_FOUND');
  const { scheduled_tasks: tasks } = (await admin('GET', '/v1/scheduled_tasks?action_name=redact_user')).body;
  expect(tasks).toHaveLength(3);
  expect(tasks).toContainEqual(
    expect.objectContaining({
      id,
      resource_id: talker.userId,
      status: 'complete',
      timestamp_ms: expect.any(Number),
    }),
  );
});
