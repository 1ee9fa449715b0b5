import { expect, test } from 'vitest';
import { receive } from './receiver.ts';
import { type Transaction, transactionBody } from './transactions.ts';

const event = {
  event_id: '$1',
  room_id: '!r:roost.test',
  type: 'm.room.message',
  sender: '@a:roost.test',
  origin_server_ts: 1,
  content: { body: 'hello' },
};

function ask(
  method: string,
  path: string,
  { body, token = 'hs-secret' }: { body?: unknown; token?: string | null } = {},
) {
  const seen: Transaction[] = [];
  const request = new Request(`https://bridge.test/_bridge/slack/_matrix/app/v1${path}`, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer = receive(request, 'hs-secret', {
    async transaction(transaction) {
      seen.push(transaction);
      if (transaction.txnId === 'failing') throw new Error('disk full');
    },
    queryUser: async (userId) => userId === '@slack_u1:roost.test',
  });
  return { seen, answer };
}

test('a transaction reaches the handler and is acknowledged', async () => {
  const { seen, answer } = ask('PUT', '/transactions/12', { body: { events: [event] } });
  const response = await answer;
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({});
  expect(seen).toEqual([{ txnId: '12', events: [event], ephemeral: [], toDevice: [] }]);
});

test('without the token 401, with a wrong one 403, and nothing is handled', async () => {
  const without = ask('PUT', '/transactions/1', { body: { events: [event] }, token: null });
  expect((await without.answer).status).toBe(401);
  const wrong = ask('PUT', '/transactions/1', { body: { events: [event] }, token: 'hs-secreT' });
  const response = await wrong.answer;
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ errcode: 'M_FORBIDDEN' });
  expect([...without.seen, ...wrong.seen]).toEqual([]);
});

test('ephemeral and to-device data are read under both names, once', async () => {
  const typing = { type: 'm.typing', room_id: '!r:roost.test', content: { user_ids: [] } };
  const message = { type: 'm.dummy', sender: '@a:x', content: {} };
  const deviceNews = {
    changed: ['@a:x'],
    left: ['@b:x'],
    oneTimeKeyCounts: { '@bot:roost.test': { BOT: { signed_curve25519: 3 } } },
    unusedFallbackKeyTypes: { '@bot:roost.test': { BOT: [] } },
  };
  const ours = ask('PUT', '/transactions/1', {
    body: transactionBody({ events: [], ephemeral: [typing], toDevice: [message], deviceNews }),
  });
  await ours.answer;
  const old = ask('PUT', '/transactions/2', {
    body: {
      events: [],
      'de.sorunome.msc2409.ephemeral': [typing],
      'de.sorunome.msc2409.to_device': [message],
    },
  });
  await old.answer;
  for (const [received] of [ours.seen, old.seen]) {
    expect(received?.ephemeral).toEqual([typing]);
    expect(received?.toDevice).toEqual([message]);
  }
  expect(ours.seen[0]?.deviceNews).toEqual(deviceNews);
  expect(old.seen[0]).not.toHaveProperty('deviceNews');
});

test('a handler that fails is an error of ours, so that the homeserver sends again', async () => {
  const { answer } = ask('PUT', '/transactions/failing', { body: { events: [] } });
  const response = await answer;
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('disk full');
});

test.each([
  ['not JSON', 'PUT', '/transactions/1', '{', 400, 'M_NOT_JSON'],
  ['no events', 'PUT', '/transactions/1', {}, 400, 'M_BAD_JSON'],
  [
    'an event without a type',
    'PUT',
    '/transactions/1',
    { events: [{ ...event, type: 1 }] },
    400,
    'M_BAD_JSON',
  ],
  ['another method', 'POST', '/transactions/1', { events: [] }, 405, 'M_UNRECOGNIZED'],
  ['no transaction id', 'PUT', '/transactions', { events: [] }, 404, 'M_UNRECOGNIZED'],
  ['another path', 'GET', '/thirdparty/user', undefined, 404, 'M_UNRECOGNIZED'],
  ['a broken escape', 'GET', '/users/%ff', undefined, 404, 'M_UNRECOGNIZED'],
])('%s is refused', async (_, method, path, body, status, errcode) => {
  const { answer, seen } = ask(method, path, { body });
  const response = await answer;
  expect([response.status, ((await response.json()) as { errcode: string }).errcode]).toEqual([
    status,
    errcode,
  ]);
  expect(seen).toEqual([]);
});

test('users and aliases are asked of the handlers; what is not handled does not exist', async () => {
  expect((await ask('GET', '/users/%40slack_u1%3Aroost.test').answer).status).toBe(200);
  expect((await ask('GET', '/users/%40slack_u2%3Aroost.test').answer).status).toBe(404);
  expect((await ask('GET', '/rooms/%23slack_x%3Aroost.test').answer).status).toBe(404);
});

test('a ping is answered', async () => {
  const response = await ask('POST', '/ping', { body: { transaction_id: 'x' } }).answer;
  expect(await response.json()).toEqual({});
});
