import * as oauth from 'oauth4webapi';
import { describe, expect, test } from 'vitest';
import { Browser } from '../../harness/browser.ts';
import {
  Attempt,
  ask,
  client,
  clientMetadata,
  decide,
  expectError,
  insecure,
  loggedIn,
  refresh,
  refreshed,
  registerClient,
  roost,
  server,
  useRoost,
} from './world.ts';

useRoost();

describe('the authorization server', () => {
  test('is described where clients look, in what they need', async () => {
    for (const path of [
      '/_matrix/client/unstable/org.matrix.msc2965/auth_metadata',
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
    ]) {
      const answer = await fetch(roost.url + path);
      expect(await answer.json()).toEqual(server);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
    const issuer = new URL(server.issuer);
    const discovered = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    expect(await oauth.processDiscoveryResponse(issuer, discovered)).toEqual(server);
    expect(server.response_modes_supported).toEqual(['query', 'fragment']);
    expect(server.code_challenge_methods_supported).toEqual(['S256']);
    expect(await (await fetch(server.jwks_uri ?? '')).json()).toEqual({ keys: [] });
  });

  test('lets web clients in where they speak to it, and not to its pages', async () => {
    for (const endpoint of [
      server.token_endpoint,
      server.registration_endpoint,
      server.revocation_endpoint,
    ]) {
      const answer = await fetch(endpoint ?? '', { method: 'OPTIONS' });
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
    const page = await new Browser(roost.url).open(await new Attempt().url());
    expect(page.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('knows a client again that registers again', async () => {
    expect((await registerClient(clientMetadata)).client_id).toBe(client.client_id);
    expect((await registerClient({ ...clientMetadata, client_name: 'Other' })).client_id).not.toBe(
      client.client_id,
    );
    const answer = await fetch(server.registration_endpoint ?? '', { method: 'POST', body: 'x' });
    await expectError(answer, 'invalid_client_metadata');
  });
});

describe('a client', () => {
  test('signs in, is known, syncs, refreshes and signs out', async () => {
    const attempt = new Attempt();
    const tokens = await attempt.signIn();
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: attempt.scope });
    const whoami = await ask('v3/account/whoami', tokens.access_token);
    expect(whoami.body).toMatchObject({ user_id: '@olive:localhost', device_id: attempt.deviceId });
    expect((await ask('v3/sync?timeout=0', tokens.access_token)).body).toHaveProperty('next_batch');
    const { body: device } = await ask(`v3/devices/${attempt.deviceId}`, tokens.access_token);
    expect(device).toMatchObject({ device_id: attempt.deviceId, display_name: 'Example <App>' });

    const next = await refreshed(tokens.refresh_token);
    expect((await ask('v3/account/whoami', next.access_token)).body).toMatchObject({
      device_id: attempt.deviceId,
    });
    expect(next.refresh_token).not.toBe(tokens.refresh_token);

    const revoked = await oauth.revocationRequest(server, client, oauth.None(), next.access_token, insecure);
    await oauth.processRevocationResponse(revoked);
    expect((await ask('v3/account/whoami', next.access_token)).body).toMatchObject({
      errcode: 'M_UNKNOWN_TOKEN',
    });
    await expectError(await refresh(next.refresh_token), 'invalid_grant');
    const again = await oauth.revocationRequest(server, client, oauth.None(), next.access_token, insecure);
    expect(again.status).toBe(200);
    const other = await new Attempt().signIn();
    const { body } = await ask('v3/devices', other.access_token);
    expect(JSON.stringify(body)).not.toContain(attempt.deviceId);
  });

  test('signs out by Matrix, too, and by its refresh token', async () => {
    const first = await new Attempt().signIn();
    expect((await ask('v3/logout', first.access_token, { method: 'POST' })).status).toBe(200);
    await expectError(await refresh(first.refresh_token), 'invalid_grant');
    const second = await new Attempt().signIn();
    await oauth.revocationRequest(server, client, oauth.None(), second.refresh_token ?? '', insecure);
    expect((await ask('v3/account/whoami', second.access_token)).status).toBe(401);
  });

  test('is answered in the fragment if it wants, and by the scopes that it knows', async () => {
    const attempt = new Attempt();
    const scope = `openid urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:org.matrix.msc2967.client:device:${attempt.deviceId}`;
    const sent = await attempt.allow(new Browser(roost.url), { response_mode: 'fragment', scope });
    expect(sent.search).toBe('?kept=1');
    const answer = await attempt.exchange(new URLSearchParams(sent.hash.slice(1)));
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer);
    expect(tokens.scope).toBe(scope.replace('openid ', ''));
  });

  test('takes a device over that is there, whose former session ends', async () => {
    const attempt = new Attempt();
    const first = await attempt.signIn();
    const second = await attempt.signIn();
    expect((await ask('v3/account/whoami', first.access_token)).status).toBe(401);
    expect((await ask('v3/account/whoami', second.access_token)).body).toMatchObject({
      device_id: attempt.deviceId,
    });
  });

  test('of a phone gets its answer by its own scheme, one of a desktop at the port it listens to', async () => {
    const native = await registerClient({
      ...clientMetadata,
      application_type: 'native',
      redirect_uris: ['org.example.app:/', 'http://127.0.0.1/done'],
    });
    for (const target of ['org.example.app:/', 'http://127.0.0.1:49152/done']) {
      const attempt = new Attempt(target, native);
      const page = await loggedIn(attempt);
      const policy = page.page.headers.get('content-security-policy');
      expect(policy).toContain(
        target.startsWith('org') ? "'self' org.example.app:;" : "'self' http://127.0.0.1:49152;",
      );
      const sent = new URL(await decide(page.browser, page.page, 'allow'));
      expect(sent.href.startsWith(`${target}?code=`)).toBe(true);
      const tokens = await oauth.processAuthorizationCodeResponse(
        server,
        native,
        await attempt.exchange(sent),
      );
      expect(tokens.access_token).toMatch(/^roost_/);
    }
  });
});
