import { beforeAll, expect, test } from 'vitest';
import {
  call,
  makeTables,
  registerUser,
  type Signed,
} from '../../../../../test/harness/homeserver-worker.ts';

let paula: Signed;
const status = (userId: string) => `/v3/presence/${encodeURIComponent(userId)}/status`;

beforeAll(async () => {
  await makeTables();
  paula = await registerUser('paula');
});

test('presence can be set, and shows nobody online', async () => {
  const body = { presence: 'online', status_msg: 'I am here.' };
  const set = await call('PUT', status(paula.userId), { token: paula.accessToken, body });
  expect(set).toMatchObject({ status: 200, body: {} });
  for (const userId of [paula.userId, '@somebody:elsewhere.test']) {
    const { body } = await call('GET', status(userId), { token: paula.accessToken });
    expect(body).toEqual({ presence: 'offline' });
  }
});

test.each([
  ['PUT', '@other:roost.test', { presence: 'online' }, 403, 'M_FORBIDDEN'],
  ['PUT', '@paula:roost.test', { presence: 'dancing' }, 400, 'M_BAD_JSON'],
  ['PUT', '@paula:roost.test', {}, 400, 'M_BAD_JSON'],
  ['GET', '@nobody:roost.test', undefined, 404, 'M_NOT_FOUND'],
  ['GET', 'nobody', undefined, 400, 'M_INVALID_PARAM'],
] as const)('%s for %s with %j is refused', async (method, userId, body, code, errcode) => {
  const refused = await call(method, status(userId), { token: paula.accessToken, body });
  expect(refused).toMatchObject({ status: code, body: { errcode } });
});

test('nobody is told without a token', async () => {
  expect((await call('GET', status(paula.userId))).body.errcode).toBe('M_MISSING_TOKEN');
});
