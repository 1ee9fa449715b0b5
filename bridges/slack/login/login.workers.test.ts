import { runDurableObjectAlarm } from 'cloudflare:test';
import { beforeAll, expect, test, vi } from 'vitest';
import { chatIdOf, loginIdOf } from '../slack-ids.ts';
import {
  callback,
  deliver,
  fetchWorker,
  type SlackBridge,
  slackEnv,
  startSlackBridge,
  until,
} from '../testing/slack-bridge.ts';

let bridge: SlackBridge;
const person = '@paula:roost.test';
const appSecrets = { app_id: 'A22', signing_secret: 'c'.repeat(32), user_token: 'xoxp-22222222-abc' };

beforeAll(async () => {
  bridge = await startSlackBridge();
  await slackEnv.DB.prepare('DELETE FROM logins').run();
});

interface Step {
  login_id: string;
  step_id: string;
  type: string;
  instructions: string;
  errcode?: string;
  complete?: { user_login_id: string };
}

async function provision<T = Step>(
  method: string,
  path: string,
  {
    body,
    token = slackEnv.PROVISIONING_TOKEN,
    userId = person,
  }: { body?: object; token?: string; userId?: string } = {},
): Promise<{ status: number; body: T }> {
  const response = await fetchWorker(
    `/_bridge/slack/_matrix/provision/v3/${path}?user_id=${encodeURIComponent(userId)}`,
    {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    },
  );
  return { status: response.status, body: (await response.json()) as T };
}

const submit = (step: Step, input: object, userId = person) =>
  provision('POST', `login/step/${step.login_id}/${step.step_id}/${step.type}`, { body: input, userId });

test('the provisioning API is for its token and for users of the homeserver', async () => {
  expect((await provision('GET', 'whoami', { token: 'wrong' })).status).toBe(401);
  expect((await provision('GET', 'whoami', { userId: '@eve:elsewhere.test' })).status).toBe(403);
  expect((await provision('GET', 'whoami', { userId: 'nonsense' })).status).toBe(400);
  expect((await provision('GET', 'nothing')).status).toBe(404);
  expect((await provision('POST', 'login/start/nothing')).status).toBe(404);
});

test('logging in step by step makes rooms of all conversations, and logging out ends it', async () => {
  const { body: start } = await provision('POST', 'login/start/app');
  expect(start).toMatchObject({
    type: 'user_input',
    user_input: { fields: [{ id: 'app_id' }, { id: 'signing_secret' }, { id: 'user_token' }] },
  });
  const key = /\/_bridge\/slack\/events\/([\w-]+)/.exec(start.instructions)?.[1] ?? '';

  expect(await submit(start, { ...appSecrets, user_token: 'hello' })).toMatchObject({
    status: 400,
    body: { errcode: 'M_INVALID_PARAM' },
  });
  expect((await submit(start, appSecrets, '@other:roost.test')).status).toBe(404);
  bridge.slack.before = (method) =>
    method === 'auth.test' ? Response.json({ ok: false, error: 'invalid_auth' }) : undefined;
  expect((await submit(start, appSecrets)).body.errcode).toBe('M_INVALID_PARAM');
  bridge.slack.before = () => undefined;

  const done = await submit(start, appSecrets);
  expect(done.body).toMatchObject({ type: 'complete', complete: { user_login_id: 'T1-U1' } });
  expect(done.body.instructions).toContain(key);
  expect((await submit(start, appSecrets)).status).toBe(404);

  await runDurableObjectAlarm(slackEnv.TEAMS.getByName('T1-U1') as unknown as DurableObjectStub);
  await until(async () => {
    const status = await slackEnv.PORTALS.getByName(chatIdOf('T1', 'C1')).status();
    expect([status.roomId !== undefined, status.queued]).toEqual([true, 0]);
  });
  expect((await provision('GET', 'logins')).body).toEqual({ login_ids: ['T1-U1'] });
  expect((await provision('GET', 'whoami')).body).toMatchObject({
    logins: [{ id: 'T1-U1', name: 'olive @ Acme', state: { state_event: 'CONNECTED' } }],
  });

  const event = callback('EvA', {
    type: 'message',
    channel: 'C1',
    user: 'U2',
    text: 'hi',
    ts: '1700000000.000001',
  });
  const delivered = await deliver(key, event.replace('"A1"', '"A22"'), { secret: appSecrets.signing_secret });
  expect(delivered.status).toBe(200);
  await expectLast('@slack_t1-u2: hi');

  // The account belongs to whoever logged in.
  const { body: again } = await provision('POST', 'login/start/app', { userId: '@other:roost.test' });
  expect((await submit(again, appSecrets, '@other:roost.test')).status).toBe(403);

  expect((await provision('POST', 'logout/T1-U9')).status).toBe(404);
  expect((await provision('POST', 'logout/T1-U1')).status).toBe(200);
  expect((await provision('GET', 'logins')).body).toEqual({ login_ids: [] });
  expect(
    (await slackEnv.DB.prepare('SELECT COUNT(*) AS n FROM portal_logins').first<{ n: number }>())?.n,
  ).toBe(0);
  const late = callback('EvB', {
    type: 'message',
    channel: 'C1',
    user: 'U2',
    text: 'late',
    ts: '1700000000.000002',
  });
  await deliver(key, late.replace('"A1"', '"A22"'), { secret: appSecrets.signing_secret });
  vi.setSystemTime(Date.now() + 31_000);
  expect(
    (await deliver(key, late.replace('"A1"', '"A22"'), { secret: appSecrets.signing_secret })).status,
  ).toBe(404);
  await expectLast('@slack_t1-u2: hi');
});

test('secrets are stored sealed', async () => {
  const { body: start } = await provision('POST', 'login/start/app');
  await submit(start, appSecrets);
  const rows = JSON.stringify((await slackEnv.DB.prepare('SELECT * FROM logins').all()).results);
  expect(rows).toContain('T1-U1');
  expect(rows).not.toContain(appSecrets.user_token);
  expect(rows).not.toContain(appSecrets.signing_secret);
});

test('W4: whatever goes wrong, no token, secret or address of ours is logged', async () => {
  const lines: string[] = [];
  for (const method of ['log', 'warn', 'error', 'info', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...values: unknown[]) => {
      lines.push(values.map(String).join(' '));
    });
  }
  const { ingress_key: key = '' } =
    (await slackEnv.DB.prepare('SELECT ingress_key FROM logins').first<{ ingress_key: string }>()) ?? {};
  const event = callback('EvW4', {
    type: 'message',
    channel: 'C9',
    user: 'U2',
    text: 'hi',
    ts: '1700000000.000004',
  });
  const body = event.replace('"A1"', '"A22"');
  const portal = slackEnv.PORTALS.getByName(chatIdOf('T1', 'C9'));
  bridge.slack.before = () => new Response(`no ${appSecrets.user_token}`, { status: 500 });
  await deliver(key, body, { secret: appSecrets.signing_secret });
  await until(() => expect(lines.join()).toContain('bridge.item_failed'));
  bridge.slack.before = () => Response.json({ ok: false, error: 'invalid_auth' });
  vi.setSystemTime(Date.now() + 400_000);
  await runDurableObjectAlarm(portal as unknown as DurableObjectStub);
  await until(() => expect(lines.join()).toContain('bridge.login_refused'));
  bridge.slack.before = () => undefined;
  await deliver(key, body, { secret: 'd'.repeat(32) });
  const { body: start } = await provision('POST', 'login/start/app');
  await slackEnv.DB.prepare('ALTER TABLE logins RENAME TO away').run();
  expect((await submit(start, appSecrets)).status).toBe(500);
  vi.setSystemTime(Date.now() + 31_000);
  expect((await deliver(key, body, { secret: appSecrets.signing_secret })).status).toBe(503);
  await slackEnv.DB.prepare('ALTER TABLE away RENAME TO logins').run();
  await submit(start, appSecrets);
  const output = lines.join('\n');
  const tokens = [
    'xoxp',
    appSecrets.signing_secret,
    key,
    'slack-as-token',
    'slack-hs-token',
    slackEnv.PROVISIONING_TOKEN,
    slackEnv.ENCRYPTION_KEY,
  ];
  for (const secret of tokens) expect(output).not.toContain(secret);
});

test('what the events missed is found by the sweep, once: messages, edits, reactions, answers', async () => {
  const ts = (n: number) => `${Math.floor(Date.now() / 1000) + 60}.00000${n}`;
  const missed = { ts: ts(1), user: 'U2', text: 'missed', reply_count: 1, latest_reply: ts(2) };
  bridge.slack.messages.push(missed, { ts: ts(2), user: 'U3', text: 'answer', thread_ts: ts(1) });
  const team = slackEnv.TEAMS.getByName(loginIdOf('T1', 'U1'));
  const runAlarm = () => runDurableObjectAlarm(team as unknown as DurableObjectStub);
  const histories = () => bridge.slack.callsTo('conversations.history').length;
  const sweep = async () => {
    const asked = histories();
    await until(async () => {
      await team.sweep();
      expect(histories()).toBeGreaterThan(asked);
    });
  };
  await runAlarm();
  // Whoever asks does not wait for Slack.
  const held = Promise.withResolvers<Response>();
  bridge.slack.before = () => held.promise;
  await sweep();
  bridge.slack.before = () => undefined;
  held.resolve(Response.json({ ok: false, error: 'internal_error' }));
  await sweep();
  await expectLast('@slack_t1-u3: answer');

  Object.assign(missed, {
    text: 'found',
    edited: { user: 'U2', ts: ts(3) },
    reactions: [{ name: 'eyes', users: ['U3'] }],
  });
  await sweep();
  await until(async () => {
    const { roomId } = await slackEnv.PORTALS.getByName(chatIdOf('T1', 'C1')).status();
    expect(bridge.homeserver.timeline(roomId ?? '').slice(-2)).toEqual([
      '@slack_t1-u2: found',
      '@slack_t1-u3: answer',
    ]);
    expect(bridge.homeserver.events.at(-1)).toMatchObject({ type: 'm.reaction' });
  });

  const events = bridge.homeserver.events.length;
  await sweep();
  await expectLast('@slack_t1-u3: answer');
  expect(bridge.homeserver.events).toHaveLength(events);
});

test('a change whose message never came asks for it after a minute', async () => {
  const portal = slackEnv.PORTALS.getByName(chatIdOf('T1', 'C1'));
  const ts = '1600000000.000001';
  bridge.slack.messages.push({ ts, user: 'U2', text: 'from before' });
  const reaction = {
    user: 'U2',
    reaction: 'wave',
    item: { type: 'message', channel: 'C1', ts },
    event_ts: '1700000001.000001',
  };
  const unknown = { ...reaction, item: { ...reaction.item, ts: '1600000000.000009' } };
  const { ingress_key: key } =
    (await slackEnv.DB.prepare('SELECT ingress_key FROM logins').first<{ ingress_key: string }>()) ?? {};
  for (const [id, event] of [
    ['EvC', reaction],
    ['EvD', unknown],
  ] as const) {
    const body = callback(id, { type: 'reaction_added', ...event }).replace('"A1"', '"A22"');
    expect((await deliver(key ?? '', body, { secret: appSecrets.signing_secret })).status).toBe(200);
  }
  await until(async () => expect((await portal.status()).parked).toBe(2));
  for (let minute = 0; minute < 2; minute++) {
    vi.setSystemTime(Date.now() + 61_000);
    await runDurableObjectAlarm(portal as unknown as DurableObjectStub);
  }
  await until(async () => {
    const { parked, queued } = await portal.status();
    expect([parked, queued]).toEqual([0, 0]);
  });
  await expectLast('@slack_t1-u2: from before');
  expect(bridge.homeserver.events.at(-1)).toMatchObject({ type: 'm.reaction' });
});

async function expectLast(line: string): Promise<void> {
  await until(async () => {
    const { roomId, queued } = await slackEnv.PORTALS.getByName(chatIdOf('T1', 'C1')).status();
    expect([bridge.homeserver.timeline(roomId ?? '').at(-1), queued]).toEqual([line, 0]);
  });
}
