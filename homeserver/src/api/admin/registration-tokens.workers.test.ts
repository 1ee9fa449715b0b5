import { describe, expect, test } from 'vitest';
import { adminToken, call, password } from '../../../../test/harness/homeserver-worker.ts';
import { admin, testEnv, useAdministration } from './testing/administration.ts';

useAdministration();

const tokens = '/v1/registration_tokens';
const make = (body: object) => admin('POST', `${tokens}/new`, body);
const read = (token: string) => admin('GET', `${tokens}/${token}`);
const list = async (query = '') =>
  ((await admin('GET', tokens + query)).body.registration_tokens as { token: string }[]).map(
    ({ token }) => token,
  );

let made = 0;

/** @returns the status of the answer */
async function register(token: string): Promise<number> {
  made += 1;
  const body = { username: `guest${made}`, password, auth: { type: 'm.login.registration_token', token } };
  const path = '/v3/register';
  const { session } = (await call('POST', path, { body: { ...body, auth: undefined } })).body;
  return (await call('POST', path, { body: { ...body, auth: { ...body.auth, session } } })).status;
}

describe('a token', () => {
  test('is made as it is wished, or by chance', async () => {
    const wished = { token: 'wished', uses_allowed: 3, expiry_time: Date.now() + 60_000 };
    const details = { ...wished, pending: 0, completed: 0 };
    expect((await make(wished)).body).toEqual(details);
    expect((await read('wished')).body).toEqual(details);
    expect((await make(wished)).body.errcode).toBe('M_INVALID_PARAM');
    const chance = (await make({})).body;
    expect(chance).toEqual({
      token: expect.stringMatching(/^[\w-]{16}$/),
      uses_allowed: null,
      expiry_time: null,
      pending: 0,
      completed: 0,
    });
    expect((await make({ length: 64 })).body.token).toMatch(/^[\w-]{64}$/);
    expect(await list()).toEqual(expect.arrayContaining(['wished', chance.token]));
  });

  test.each([
    { token: '' },
    { token: 'a b' },
    { token: 'x'.repeat(65) },
    { uses_allowed: -1 },
    { uses_allowed: 1.5 },
    { expiry_time: 1 },
    { length: 0 },
    { length: 65 },
  ])('is not made of %j', async (body) => {
    expect((await make(body)).status).toBe(400);
  });

  test('is changed, and deleted', async () => {
    await make({ token: 'changing', uses_allowed: 1 });
    const change = (body: object) => admin('PUT', `${tokens}/changing`, body);
    const later = Date.now() + 120_000;
    expect((await change({ expiry_time: later })).body).toMatchObject({
      uses_allowed: 1,
      expiry_time: later,
    });
    expect((await change({ uses_allowed: null })).body).toMatchObject({
      uses_allowed: null,
      expiry_time: later,
    });
    expect((await change({})).body).toMatchObject({ uses_allowed: null, expiry_time: later });
    expect((await change({ uses_allowed: 'many' })).body.errcode).toBe('M_BAD_JSON');
    expect((await admin('DELETE', `${tokens}/changing`)).body).toEqual({});
    for (const method of ['GET', 'DELETE']) {
      expect((await admin(method, `${tokens}/changing`)).body.errcode).toBe('M_NOT_FOUND');
    }
    expect((await change({ uses_allowed: 1 })).body.errcode).toBe('M_NOT_FOUND');
  });

  test('is nowhere in the database as it is', async () => {
    await make({ token: 'secret-invitation' });
    const { results } = await testEnv.DB.prepare('SELECT * FROM registration_tokens').all();
    expect(JSON.stringify(results)).not.toContain('secret-invitation');
  });

  test('that makes administrators is not listed, nor read, nor changed', async () => {
    const path = '/_roost/admin/v1/registration_tokens';
    const { body } = await call('POST', path, { token: adminToken, body: { uses: 1, admin: true } });
    const token = String(body.token);
    expect(await list()).not.toContain(token);
    expect((await read(token)).status).toBe(404);
    expect((await admin('PUT', `${tokens}/${token}`, { uses_allowed: 100 })).status).toBe(404);
    const ordinary = await call('POST', path, { token: adminToken, body: { uses: 1 } });
    expect(await list()).toContain(ordinary.body.token);
  });
});

describe('registration', () => {
  test('uses a token as often as it may be, however many come at once', async () => {
    await make({ token: 'twice', uses_allowed: 2 });
    const statuses = await Promise.all(Array.from({ length: 5 }, () => register('twice')));
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    expect((await read('twice')).body).toMatchObject({ completed: 2, uses_allowed: 2 });
    expect(await list('?valid=false')).toContain('twice');
    expect(await list('?valid=true')).not.toContain('twice');
    const validity = await call('GET', '/v1/register/m.login.registration_token/validity?token=twice');
    expect(validity.body).toEqual({ valid: false });

    await admin('PUT', `${tokens}/twice`, { uses_allowed: 3 });
    expect(await register('twice')).toBe(200);
    expect(await register('twice')).not.toBe(200);
    expect((await read('twice')).body.completed).toBe(3);
  });

  test('counts the uses of a token without a limit', async () => {
    await make({ token: 'unlimited' });
    expect(await register('unlimited')).toBe(200);
    expect((await read('unlimited')).body).toMatchObject({ completed: 1, uses_allowed: null });
    await admin('PUT', `${tokens}/unlimited`, { uses_allowed: 1 });
    expect(await register('unlimited')).not.toBe(200);
  });

  test('takes no token that has expired', async () => {
    await make({ token: 'brief', expiry_time: Date.now() + 60_000 });
    await testEnv.DB.prepare(
      'UPDATE registration_tokens SET expires_ms = 1 WHERE expires_ms IS NOT NULL',
    ).run();
    expect(await register('brief')).not.toBe(200);
    expect(await list('?valid=false')).toContain('brief');
  });
});
