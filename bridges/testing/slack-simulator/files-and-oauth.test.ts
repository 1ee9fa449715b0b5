/**
 * Files and installation as `@slack/web-api` meets them: the external upload in three steps, downloads that need the
 * token, and OAuth codes that work once.
 */
import { type WebAPICallResult, WebClient } from '@slack/web-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../loopback/clock.ts';
import { SlackSimulator } from './slack-simulator.ts';

let slack: SlackSimulator;

beforeEach(async () => {
  slack = await SlackSimulator.start();
});

afterEach(async () => {
  await slack.stop();
});

/** Without the client's own retries, which would hide what the simulator answered. */
function client(token: string): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
}

function world() {
  const team = slack.createTeam({ name: 'Acme', domain: 'acme' });
  const ann = team.createUser({ name: 'ann', realName: 'Ann Archer' });
  const bob = team.createUser({ name: 'bob', realName: 'Bob Baker' });
  const general = team.createChannel({ name: 'general', members: [ann, bob] });
  const app = team.createApp();
  const { userToken, botToken } = app.install(ann);
  return {
    team,
    ann,
    bob,
    general,
    app,
    userToken,
    botToken,
    asAnn: client(userToken),
    asBot: client(botToken),
  };
}

async function errorOf(call: Promise<WebAPICallResult>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return (error as { data?: { error?: string } }).data?.error ?? String(error);
  }
  return 'no error';
}

test('files: uploaded by the client’s filesUploadV2, shared in one message, downloaded with the token only', async () => {
  const { general, asAnn, userToken } = world();
  await asAnn.filesUploadV2({
    channel_id: general.id,
    filename: 'notes.txt',
    title: 'Notes',
    file: Buffer.from('the notes'),
    initial_comment: 'see here',
  });
  const [message] = general.messages;
  const [file] = (message?.files ?? []) as { id: string; url_private_download: string; size: number }[];
  expect(message).toMatchObject({
    text: 'see here',
    files: [{ name: 'notes.txt', title: 'Notes', size: 9 }],
  });
  const info = await asAnn.files.info({ file: file?.id ?? '' });
  expect(info.file?.shares?.public?.[general.id]?.[0]).toMatchObject({ ts: message?.ts });
  const url = file?.url_private_download ?? '';
  const good = await fetch(url, { headers: { authorization: `Bearer ${userToken}` } });
  expect(await good.text()).toBe('the notes');
  const bad = await fetch(url);
  expect(bad.headers.get('content-type')).toContain('text/html');
  slack.assertNoViolations();
});

test('OAuth: the code works once, and only with the secret and the same redirect', async () => {
  const { ann, app } = world();
  const access = (code: string, redirectUri: string, secret = app.clientSecret) =>
    new WebClient(undefined, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } }).oauth.v2.access({
      client_id: app.clientId,
      client_secret: secret,
      code,
      redirect_uri: redirectUri,
    });
  const uri = 'https://roost.test/callback';
  const code = app.authorize(ann, { redirectUri: uri });
  const granted = await access(code, uri);
  expect(granted).toMatchObject({ app_id: app.appId, authed_user: { id: ann.id, token_type: 'user' } });
  expect((await client(granted.authed_user?.access_token ?? '').auth.test()).user_id).toBe(ann.id);
  expect(await errorOf(access(code, uri))).toBe('invalid_code');
  expect(await errorOf(access(app.authorize(ann, { redirectUri: uri }), 'https://evil.test/'))).toBe(
    'bad_redirect_uri',
  );
  expect(await errorOf(access(app.authorize(ann, { redirectUri: uri }), uri, 'wrong'))).toBe(
    'bad_client_secret',
  );
  slack.assertNoViolations();
});

test('the authorize page brings the code and the state back', async () => {
  const { ann, app } = world();
  const page = new URL('/oauth/v2/authorize', slack.origin);
  page.search = new URLSearchParams({
    client_id: app.clientId,
    user_scope: 'chat:write,channels:history',
    redirect_uri: 'https://roost.test/callback',
    state: 's3',
    acting_user: ann.id,
  }).toString();
  const answer = await fetch(page, { redirect: 'manual' });
  const target = new URL(answer.headers.get('location') ?? '');
  expect(target.origin).toBe('https://roost.test');
  expect(target.searchParams.get('state')).toBe('s3');
  expect(target.searchParams.get('code')).toMatch(/^\d+\.\d+\.[0-9a-f]+$/);
});

test('a file of another organization shows itself only to files.info; one not ready comes as HTML', async () => {
  const { team, ann, general, asAnn, userToken } = world();
  const ts = ann.post(general, 'shared', { files: [{ name: 'plan.pdf', bytes: Buffer.from('pdf') }] });
  const [shown] = (general.message(ts)?.files ?? []) as { id: string; url_private: string }[];
  const file = team.file(shown?.id ?? '');
  file.setNotReady(true);
  const headers = { authorization: `Bearer ${userToken}` };
  const early = await fetch(shown?.url_private ?? '', { headers });
  expect(early.headers.get('content-type')).toContain('text/html');
  file.setConnect();
  const history = await asAnn.conversations.history({ channel: general.id });
  expect(history.messages?.[0]?.files).toMatchObject([{ id: shown?.id, file_access: 'check_file_info' }]);
  expect((await asAnn.files.info({ file: shown?.id ?? '' })).file).toMatchObject({ name: 'plan.pdf' });
  file.delete();
  expect(await errorOf(asAnn.files.info({ file: shown?.id ?? '' }))).toBe('file_deleted');
  slack.assertNoViolations();
});

test('token rotation: twelve hours, and a refresh token that works once', async () => {
  const clock = new ManualClock();
  const timed = await SlackSimulator.start({ clock });
  const team = timed.createTeam({ name: 'Acme', domain: 'acme' });
  const ann = team.createUser({ name: 'ann', realName: 'Ann Archer' });
  const app = team.createApp({ rotatesTokens: true });
  const anonymous = new WebClient(undefined, { slackApiUrl: timed.apiUrl, retryConfig: { retries: 0 } });
  const credentials = { client_id: app.clientId, client_secret: app.clientSecret };
  const first = await anonymous.oauth.v2.access({ ...credentials, code: app.authorize(ann) });
  expect(first.authed_user).toMatchObject({
    expires_in: 43_200,
    refresh_token: expect.stringMatching(/^xoxe-/),
  });
  const whoIs = (token: string) =>
    new WebClient(token, { slackApiUrl: timed.apiUrl, retryConfig: { retries: 0 } }).auth.test();
  clock.advance(43_200_000);
  expect(await errorOf(whoIs(first.authed_user?.access_token ?? ''))).toBe('token_expired');
  const again = {
    ...credentials,
    grant_type: 'refresh_token',
    refresh_token: first.authed_user?.refresh_token ?? '',
  } as const;
  const renewed = await anonymous.oauth.v2.access(again);
  expect(await whoIs(renewed.access_token ?? '')).toMatchObject({ user_id: ann.id });
  expect(await errorOf(anonymous.oauth.v2.access(again))).toBe('invalid_refresh_token');
  timed.assertNoViolations();
  await timed.stop();
});
