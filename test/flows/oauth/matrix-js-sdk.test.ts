import { type AccessTokens, createClient, OAuth2 } from 'matrix-js-sdk';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { Browser } from '../../harness/browser.ts';
import { type Credentials, register, startClient } from '../../harness/matrix-client.ts';
import { matrixFetch } from '../../harness/matrix-fetch.ts';
import { goThrough } from '../../harness/oauth-browser.ts';
import { Roost } from '../../harness/roost.ts';
import { startSecretTalk } from '../../harness/secret-talk.ts';
import { verifyUsers } from '../../harness/verify-users.ts';

/** Element Web's own stack logs in by OAuth 2.0. */
const alice = { username: 'alice', password: 'a long password' };
const redirectUri = 'https://app.example.org/callback';
let roost: Roost;
let bob: Credentials;

beforeAll(async () => {
  roost = await Roost.start();
  await register(roost.url, alice.username, alice.password);
  bob = await register(roost.url, 'bob');
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => roost?.stopAndRemove());

async function logIn() {
  const metadata = await createClient({ baseUrl: roost.url, fetchFn: matrixFetch }).getAuthMetadata();
  const clientId = await OAuth2.registerClient(metadata, {
    client_name: 'Web app',
    client_uri: 'https://example.org/',
    redirect_uris: [redirectUri],
  });
  const login = new OAuth2(metadata, { clientId });
  const url = await login.generateAuthorizationCodeGrantUrl('some-state', redirectUri);
  const page = await goThrough(new Browser(roost.url), url, alice);
  const answer = new URLSearchParams(new URL(page.url).hash.slice(1));
  expect(answer.get('state')).toBe('some-state');
  // The app was left meanwhile, and goes on with what it has kept.
  const { context } = login;
  const returned = new OAuth2(metadata, context);
  const tokens = await returned.completeAuthorizationCodeGrant(answer.get('code') ?? '', redirectUri);
  return { oauth: returned, tokens, clientId, deviceId: context.deviceId };
}

async function whoami(token: string | undefined): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await matrixFetch(`${roost.url}/_matrix/client/v3/account/whoami`, { headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('matrix-js-sdk registers, logs in, talks in secret, refreshes while it syncs, and signs out', async () => {
  const { oauth, tokens: first, clientId, deviceId } = await logIn();
  expect((await whoami(first.access_token)).body).toMatchObject({
    user_id: '@alice:localhost',
    device_id: deviceId,
  });
  // It begins with an access token that has ended.
  const second = await oauth.performRefreshTokenGrant(first.refresh_token ?? '');
  expect((await whoami(second.access_token)).status).toBe(200);
  expect((await whoami(first.access_token)).status).toBe(401);

  const refreshed: AccessTokens[] = [];
  const credentials = { userId: '@alice:localhost', accessToken: first.access_token, deviceId };
  const session = {
    oauthClientId: clientId,
    refreshToken: second.refresh_token ?? '',
    onTokenRefresh: (tokens: AccessTokens) => {
      refreshed.push(tokens);
    },
  };
  const a = await startClient(roost.url, credentials, { crypto: true, session });
  const b = await startClient(roost.url, bob, { crypto: true });
  try {
    expect(refreshed).toHaveLength(1);
    const { roomId, say, sees } = await startSecretTalk(a, b);
    await say(a, 'a secret from alice');
    await sees(b, 'a secret from alice');
    const [seenByAlice, seenByBob] = await verifyUsers(a, b, roomId);
    expect(seenByAlice).toEqual(seenByBob);

    // The hour of the access token is over, as the client has it; its sync goes on with the next one.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60 * 60_000 });
    await say(b, 'a secret from bob');
    await sees(a, 'a secret from bob');
    await say(a, 'after the refresh');
    await sees(b, 'after the refresh');
    expect(refreshed).toHaveLength(2);
    expect((await whoami(refreshed[0]?.accessToken)).body).toMatchObject({ soft_logout: true });
    vi.useRealTimers();

    await a.logout(true);
    expect((await whoami(refreshed[1]?.accessToken)).status).toBe(401);
    await expect(oauth.performRefreshTokenGrant(refreshed[1]?.refreshToken ?? '')).rejects.toThrow();
    const devices = await b.downloadKeysForUsers(['@alice:localhost']);
    expect(Object.keys(devices.device_keys['@alice:localhost'] ?? {})).not.toContain(deviceId);
  } finally {
    a.stopClient();
    b.stopClient();
  }
});
