import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { call } from './lib/http.ts';
import { type AuthAnswer, withPassword } from './lib/interactive-auth.ts';
import { newUser } from './lib/register.ts';

const path = '/v3/account/deactivate';

describe('TestDeactivateAccount', () => {
  const account = shared(() => newUser());

  test('Password flow is available', async () => {
    const user = await account();
    const { status, body } = await user.call<AuthAnswer>('POST', path, {});
    expect(status).toBe(401);
    expect(body.flows).toContainEqual({ stages: ['m.login.password'] });
    expect(body.session).toEqual(expect.any(String));
  });

  test("Can't deactivate account with wrong password", async () => {
    const user = await account();
    const { status, body } = await withPassword(user, 'POST', path, {}, { password: 'a wrong one' });
    expect([status, body.errcode]).toEqual([401, 'M_FORBIDDEN']);
    expect((await user.call('GET', '/v3/account/whoami')).status).toBe(200);
  });

  test('Can deactivate account', async () => {
    const user = await account();
    expect((await withPassword(user, 'POST', path, {})).status).toBe(200);
    expect(await user.refusal('GET', '/v3/account/whoami')).toEqual([401, 'M_UNKNOWN_TOKEN']);
  });

  test("After deactivating account, can't log in with password", async () => {
    const user = await account();
    const identifier = { type: 'm.id.user', user: user.userId };
    const body = { type: 'm.login.password', identifier, password: user.password };
    const answer = await call('POST', '/v3/login', { body });
    expect(answer.status).toBe(403);
    expect(['M_FORBIDDEN', 'M_USER_DEACTIVATED']).toContain(answer.body.errcode);
  });
});

testAnswersOf('account_deactivate');
