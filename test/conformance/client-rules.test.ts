import { describe, expect } from 'vitest';
import { shared, skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { call, ok, p } from './lib/http.ts';
import { newName, newUser, newUsers } from './lib/register.ts';
import { target } from './lib/target.ts';

describe('Web browsers', () => {
  test('Answers and refusals may be read from everywhere', async () => {
    for (const path of ['/_matrix/client/versions', '/v3/account/whoami', '/_matrix/client/v3/unknown']) {
      const { headers } = await call('GET', path);
      expect([path, headers.get('access-control-allow-origin')]).toEqual([path, '*']);
    }
  });

  test('A preflight allows what clients send', async () => {
    const response = await fetch(`${target.url}/_matrix/client/v3/sync`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://client.example.org',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(response.ok).toBe(true);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const allowed = (response.headers.get('access-control-allow-headers') ?? '').toLowerCase();
    for (const name of ['authorization', 'content-type', 'x-requested-with']) expect(allowed).toContain(name);
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      expect(response.headers.get('access-control-allow-methods')).toContain(method);
    }
  });
});

describe('Tokens', () => {
  test('None and a wrong one are told apart', async () => {
    const none = await call('GET', '/v3/sync');
    expect([none.status, none.body.errcode]).toEqual([401, 'M_MISSING_TOKEN']);
    const wrong = await call('GET', '/v3/sync', { token: 'wrong' });
    expect([wrong.status, wrong.body.errcode]).toEqual([401, 'M_UNKNOWN_TOKEN']);
  });

  /** A session that has been refreshed, and used since. */
  const refreshed = shared(async () => {
    const user = await newUser();
    const login = await ok<{ access_token: string; refresh_token: string }>('POST', '/v3/login', {
      body: {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: user.userId },
        password: user.password,
        refresh_token: true,
      },
    });
    const body = { refresh_token: login.refresh_token };
    const first = await ok<{ access_token: string; refresh_token?: string }>('POST', '/v3/refresh', { body });
    await ok('GET', '/v3/account/whoami', { token: first.access_token });
    return { before: login.access_token, after: first.access_token, body };
  });

  test('A refresh token gives a new access token', async () => {
    const { before, after } = await refreshed();
    expect(after).not.toBe(before);
  });

  test('A refresh token is used up once the access token that came of it has been used', async () => {
    const { body } = await refreshed();
    const again = await call('POST', '/v3/refresh', { body });
    expect([again.status, again.body.errcode]).toEqual([401, 'M_UNKNOWN_TOKEN']);
  });

  test('whoami names user and device', async () => {
    const user = await newUser();
    expect(await user.ok('GET', '/v3/account/whoami')).toMatchObject({
      user_id: user.userId,
      device_id: user.deviceId,
    });
  });
});

describe('Discovery', () => {
  test('A server without an authorization server says so as an unknown endpoint', async () => {
    const { status, body } = await call('GET', '/v1/auth_metadata');
    if (status === 200) expect(body).toMatchObject({ issuer: expect.any(String) });
    else expect([status, body.errcode]).toEqual([404, 'M_UNRECOGNIZED']);
  });

  test('A password is a way to log in, by name', async () => {
    const { flows } = await ok<{ flows: { type: string }[] }>('GET', '/v3/login');
    expect(flows).toContainEqual(expect.objectContaining({ type: 'm.login.password' }));
  });

  test('Room versions 1 to 12 and the limits of media are told', async () => {
    const user = await newUser();
    const { capabilities } = await user.ok<{ capabilities: Record<string, { available?: object }> }>(
      'GET',
      '/v3/capabilities',
    );
    expect(Object.keys(capabilities['m.room_versions']?.available ?? {})).toEqual(
      expect.arrayContaining(['10', '11', '12']),
    );
  });

  test('A TURN server is named whole or not at all', async () => {
    const user = await newUser();
    const { status, body } = await user.call('GET', '/v3/voip/turnServer');
    if (status === 404) skip('there is no TURN server');
    expect(status).toBe(200);
    if (Object.keys(body).length === 0) return;
    expect(body).toMatchObject({
      username: expect.any(String),
      password: expect.any(String),
      uris: expect.any(Array),
      ttl: expect.any(Number),
    });
  });
});

describe('Account data', () => {
  test('What was never set is not found', async () => {
    const user = await newUser();
    for (const type of ['m.secret_storage.default_key', 'm.megolm_backup.v1', 'm.cross_signing.master']) {
      const path = p`/v3/user/${user.userId}/account_data/${type}`;
      expect(await user.refusal('GET', path)).toEqual([404, 'M_NOT_FOUND']);
    }
  });

  test('Types that the server keeps itself are not set', async () => {
    const user = await newUser();
    const path = p`/v3/user/${user.userId}/account_data/m.push_rules`;
    expect((await user.refusal('PUT', path, {}))[0]).toBe(405);
  });
});

describe('Tags', () => {
  test('A tag is set, listed, synced and removed', async () => {
    const user = await newUser();
    const roomId = await user.createRoom();
    const tags = p`/v3/user/${user.userId}/rooms/${roomId}/tags`;
    const since = await user.now();
    await user.ok('PUT', `${tags}/m.favourite`, { order: 0.25 });
    expect(await user.ok('GET', tags)).toEqual({ tags: { 'm.favourite': { order: 0.25 } } });
    const tagEvent = (sync: Awaited<ReturnType<typeof user.sync>>) =>
      sync.rooms?.join?.[roomId]?.account_data?.events.find(({ type }) => type === 'm.tag');
    const sync = await user.syncUntil('the tag', (answer) => tagEvent(answer) !== undefined, { since });
    expect(tagEvent(sync)?.content).toEqual({ tags: { 'm.favourite': { order: 0.25 } } });
    await user.ok('DELETE', `${tags}/m.favourite`);
    expect(await user.ok('GET', tags)).toEqual({ tags: {} });
  });
});

describe('Reports', () => {
  test('Events, rooms and users can be reported', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const eventId = await alice.message(roomId, 'an insult');
    const reason = 'it hurts';
    expect((await bob.call('POST', p`/v3/rooms/${roomId}/report/${eventId}`, { reason })).status).toBe(200);
    expect((await bob.call('POST', p`/v3/rooms/${roomId}/report`, { reason })).status).toBe(200);
    expect((await bob.call('POST', p`/v3/users/${alice.userId}/report`, { reason })).status).toBe(200);
  });
});

describe('OpenID', () => {
  test('A token for others is given to its user alone', async () => {
    const [user, other] = await newUsers('user', newName('other'));
    const path = p`/v3/user/${user.userId}/openid/request_token`;
    expect(await user.ok('POST', path, {})).toMatchObject({
      access_token: expect.any(String),
      token_type: 'Bearer',
      matrix_server_name: user.serverName,
      expires_in: expect.any(Number),
    });
    expect((await other.refusal('POST', path, {}))[0]).toBe(403);
  });
});

testAnswersOf('client_rules');
