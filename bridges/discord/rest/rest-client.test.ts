import { expect, test } from 'vitest';
import { LoginRefused, RetryLater } from '../../core/send-outcome.ts';
import { snowflake } from '../snowflake.ts';
import { DiscordApi } from './discord-api.ts';
import { DiscordError } from './discord-error.ts';

const id = snowflake('11');
const webhook = { id: snowflake('22'), token: 'very-secret-webhook-token' };
const message = { content: 'hi', allowed_mentions: { parse: [] } };

/** An API that answers with what is given, in order. */
function apiThat(...answers: (Response | Error)[]) {
  const requests: { url: string; init: RequestInit }[] = [];
  const api = new DiscordApi({
    apiUrl: 'https://discord.test/api/v10',
    botToken: 'bot-token',
    ownUrl: 'https://roost.test',
    fetch: async (url, init) => {
      requests.push({ url, init });
      const answer = answers.shift();
      if (!answer) throw new Error('an unexpected call');
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { api, requests };
}

const failureOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DiscordError)) throw error;
  return { ...error.failure, message: error.message };
};

test('calls carry the token and who we are, and end at some time', async () => {
  const { api, requests } = apiThat(Response.json({ id: '33', channel_id: '11' }));
  expect(await api.createMessage(id, message)).toMatchObject({ id: '33' });
  const [request] = requests;
  expect(request?.url).toBe('https://discord.test/api/v10/channels/11/messages');
  expect(request?.init.headers).toMatchObject({
    authorization: 'Bot bot-token',
    'user-agent': 'DiscordBot (https://roost.test, 0.1.0)',
  });
  expect(request?.init.signal).toBeInstanceOf(AbortSignal);
});

test('the bot token does not go to webhooks, and a webhook token goes into no error', async () => {
  const { api, requests } = apiThat(
    Response.json({ message: 'Unknown Webhook', code: 10015 }, { status: 404 }),
    new Error('connect https://discord.test/api/v10/webhooks/22/very-secret-webhook-token'),
  );
  const refused = await failureOf(api.executeWebhook(webhook, undefined, message));
  expect(refused).toMatchObject({ kind: 'refused', status: 404, code: 10015 });
  const broken = await failureOf(api.executeWebhook(webhook, undefined, message));
  expect(broken.kind).toBe('unknown');
  expect(refused.message + broken.message).not.toContain('very-secret');
  expect(requests[0]?.init.headers).not.toHaveProperty('authorization');
});

test('after a 429 the same call is not made again before its time, others are', async () => {
  const { api, requests } = apiThat(
    Response.json({ retry_after: 30.5, global: false }, { status: 429 }),
    Response.json({ id: '33', channel_id: '12' }),
  );
  expect(await failureOf(api.createMessage(id, message))).toMatchObject({
    kind: 'rate_limited',
    afterMs: 30_500,
  });
  expect(await failureOf(api.createMessage(id, message))).toMatchObject({ kind: 'rate_limited' });
  await api.createMessage(snowflake('12'), message);
  expect(requests).toHaveLength(2);
});

test('a global limit holds for all calls', async () => {
  const { api, requests } = apiThat(Response.json({ retry_after: 9, global: true }, { status: 429 }));
  await failureOf(api.createMessage(id, message));
  await expect(api.getChannel(id)).rejects.toBeInstanceOf(RetryLater);
  expect(requests).toHaveLength(1);
});

test('a ban by Cloudflare, which is a page, holds for all calls as long as it says', async () => {
  const { api, requests } = apiThat(
    new Response('<html>1015', { status: 429, headers: { 'retry-after': '600' } }),
  );
  expect(await failureOf(api.createMessage(id, message))).toMatchObject({
    kind: 'rate_limited',
    afterMs: 600_000,
  });
  await expect(api.getUser(id)).rejects.toBeInstanceOf(RetryLater);
  expect(requests).toHaveLength(1);
});

test('a used-up bucket is known before it is refused', async () => {
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '2.5' };
  const { api, requests } = apiThat(Response.json({ id: '33', channel_id: '11' }, { headers }));
  await api.createMessage(id, message);
  expect(await failureOf(api.createMessage(id, message))).toMatchObject({ kind: 'rate_limited' });
  expect(requests).toHaveLength(1);
});

test('what may have happened is unknown, what was refused is not', async () => {
  const timeout = new DOMException('x', 'TimeoutError');
  const { api } = apiThat(
    timeout,
    new Response('bad gateway', { status: 502 }),
    new Response('<html>', { status: 200 }),
    Response.json({ code: 50013 }, { status: 403 }),
    new Response('not json', { status: 400 }),
  );
  const kinds = [];
  for (let n = 0; n < 5; n++) kinds.push((await failureOf(api.createMessage(id, message))).kind);
  expect(kinds).toEqual(['unknown', 'unknown', 'unknown', 'refused', 'refused']);
});

test('a dead token ends a reading call as a refused login', async () => {
  const { api } = apiThat(Response.json({ message: '401: Unauthorized', code: 0 }, { status: 401 }));
  await expect(api.getUser(id)).rejects.toBeInstanceOf(LoginRefused);
});

test('files go as a form beside the message', async () => {
  const { api, requests } = apiThat(Response.json({ id: '33', channel_id: '11' }));
  await api.executeWebhook(webhook, snowflake('44'), message, [{ name: 'a.txt', bytes: new Blob(['x']) }]);
  expect(requests[0]?.url).toContain('?wait=true&thread_id=44');
  const form = requests[0]?.init.body as FormData;
  expect(JSON.parse(form.get('payload_json') as string)).toMatchObject({
    attachments: [{ id: 0, filename: 'a.txt' }],
  });
  expect((form.get('files[0]') as File).name).toBe('a.txt');
});
