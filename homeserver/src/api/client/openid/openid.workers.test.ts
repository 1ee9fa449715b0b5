import { env } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import { openD1 } from '../../../../../platform/d1.ts';
import { call, makeTables, registerUser } from '../../../../../test/harness/homeserver-worker.ts';
import type { Env } from '../../../env.ts';
import { makeOpenidToken, userOfOpenidToken } from '../../../services/openid-tokens.ts';

const { DB } = env as unknown as Env;
const db = openD1(DB, false);

beforeAll(makeTables);

const tokens = async () => (await DB.prepare('SELECT * FROM openid_tokens').all()).results;

test('a token proves who one is for an hour, and is kept as a hash', async () => {
  const olga = await registerUser('olga');
  const path = `/v3/user/${encodeURIComponent(olga.userId)}/openid/request_token`;
  const { status, body } = await call('POST', path, { token: olga.accessToken, body: {} });
  expect(status).toBe(200);
  expect(body).toEqual({
    access_token: expect.any(String),
    token_type: 'Bearer',
    matrix_server_name: 'roost.test',
    expires_in: 3600,
  });
  const token = String(body.access_token);
  expect(await userOfOpenidToken(db, token, Date.now())).toBe(olga.userId);
  expect(await userOfOpenidToken(db, token, Date.now() + 3_601_000)).toBeUndefined();
  expect(await userOfOpenidToken(db, `${token}x`, Date.now())).toBeUndefined();
  expect(JSON.stringify(await tokens())).not.toContain(token);
  expect((await call('GET', '/v3/account/whoami', { token })).body.errcode).toBe('M_UNKNOWN_TOKEN');
});

test('one asks for oneself only', async () => {
  const { accessToken } = await registerUser('oskar');
  const path = '/v3/user/@olga:roost.test/openid/request_token';
  const others = await call('POST', path, { token: accessToken, body: {} });
  expect(others).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
  expect((await call('POST', path, { body: {} })).body.errcode).toBe('M_MISSING_TOKEN');
});

test('expired tokens are forgotten with the next one', async () => {
  const nowMs = Date.now() + 10_000_000;
  await makeOpenidToken(db, '@olga:roost.test' as never, nowMs);
  expect(await tokens()).toHaveLength(1);
});
