import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import { call, makeTables, password, registerUser } from '../../../../../test/harness/homeserver-worker.ts';
import type { Env } from '../../../env.ts';
import type { SessionInput } from '../../../objects/user-sync-rpc.ts';
import { makeApp } from '../../app.ts';
import { login } from './login.ts';

beforeAll(makeTables);

/** Logs in, with something happening between the check of the password and the making of the session. */
async function logInWhile(username: string, meanwhile: () => Promise<unknown>) {
  const real = (env as unknown as Env).USERS;
  const made: string[] = [];
  const USERS = {
    getByName(name: string) {
      const object = real.getByName(name);
      return new Proxy(object as object, {
        get: (_, method: string) => async (first: never, second: never) => {
          if (method === 'createSession') {
            made.push((first as SessionInput).accessToken);
            await meanwhile();
          }
          const members = object as unknown as Record<string, (...given: never[]) => Promise<unknown>>;
          return members[method]?.(first, second);
        },
      });
    },
  };
  const request = new Request('https://roost.test/_matrix/client/v3/login', {
    method: 'POST',
    body: JSON.stringify({ type: 'm.login.password', user: username, password }),
  });
  const hooked = { ...(env as unknown as Env), USERS };
  const response = await makeApp([login]).fetch(request, hooked, createExecutionContext());
  const body = (await response.json()) as Record<string, unknown>;
  const token = made[0];
  if (token === undefined) throw new Error('no session was made');
  const whoami = await call('GET', '/v3/account/whoami', { token });
  return { status: response.status, body, whoami: whoami.status };
}

const auth = (user: string) => ({ type: 'm.login.password', user, password });

test('C10: a login that is overtaken by the end of the account leaves no session', async () => {
  const { accessToken: token } = await registerUser('hasty');
  const overtaken = await logInWhile('hasty', () =>
    call('POST', '/v3/account/deactivate', { token, body: { auth: auth('hasty') } }),
  );
  expect(overtaken).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' }, whoami: 401 });
});

test('C10: a login with a password that is changed meanwhile leaves no session', async () => {
  const { accessToken: token } = await registerUser('turncoat');
  const body = { new_password: 'another password', auth: auth('turncoat') };
  const overtaken = await logInWhile('turncoat', () => call('POST', '/v3/account/password', { token, body }));
  expect(overtaken).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' }, whoami: 401 });
  expect((await call('GET', '/v3/account/whoami', { token })).status).toBe(200);
});

test('a login that nothing overtakes is let in', async () => {
  await registerUser('calm');
  expect(await logInWhile('calm', async () => {})).toMatchObject({ status: 200, whoami: 200 });
});
