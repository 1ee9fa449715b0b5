import * as oauth from 'oauth4webapi';
import { expect } from 'vitest';
import { insecure } from '../../harness/oauth-app.ts';
import { skip, test } from '../lib/conformance-test.ts';
import { target } from '../lib/target.ts';
import { expectError, provider } from './lib/provider.ts';

/** RFC 7662: introspection, for services of the server's own. */

function secret(): string {
  return target.adminToken ?? skip('the secret of the server’s services is not known');
}

const owner = () => ({ authorization: `Basic ${btoa(`owner:${encodeURIComponent(secret())}`)}` });

/** As a strict client that shows its secret asks. */
async function introspect(token: string | undefined): Promise<oauth.IntrospectionResponse> {
  const { server } = (await provider()).app;
  const service = { client_id: 'owner' };
  const authentication = oauth.ClientSecretBasic(secret());
  const answer = await oauth.introspectionRequest(server, service, authentication, token ?? '', insecure);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return oauth.processIntrospectionResponse(server, service, answer);
}

test('RFC 7662, 2.1: only who shows the secret of a service is answered', async () => {
  const { app, account } = await provider();
  const { access_token: token } = await app.signIn().tokens(account);
  for (const headers of [
    {},
    { authorization: `Bearer ${token}` },
    { authorization: `Basic ${btoa('owner:')}` },
    { authorization: `Basic ${btoa(`${app.client.client_id}:`)}` },
  ]) {
    const answer = await app.post('introspection', { token }, headers as Record<string, string>);
    expect(answer.headers.get('www-authenticate')).toContain('Basic');
    await expectError(answer, 'invalid_client', 401);
  }
});

test('RFC 7662, 2.1: a request without a token, or by GET, is none', async () => {
  const { app } = await provider();
  await expectError(await app.post('introspection', {}, owner()), 'invalid_request');
  expect((await fetch(String(app.server.introspection_endpoint), { headers: owner() })).status).toBe(405);
});

test('RFC 7662, 2.2: an access token is told with its user, device, client, scope and end', async () => {
  const { app, account, user } = await provider();
  const signIn = app.signIn();
  const { access_token } = await signIn.tokens(account);
  expect(await introspect(access_token)).toEqual({
    active: true,
    scope: signIn.scope,
    client_id: app.client.client_id,
    username: account.username,
    token_type: 'Bearer',
    exp: expect.any(Number),
    sub: user.userId,
    iss: app.issuer,
    device_id: signIn.deviceId,
  });
});

test('RFC 7662, 2.2: one of a login without OAuth is active, too', async () => {
  const { user } = await provider();
  expect(await introspect(user.accessToken)).toMatchObject({
    active: true,
    sub: user.userId,
    scope: `urn:matrix:client:api:* urn:matrix:client:device:${user.deviceId}`,
  });
});

test('RFC 7662, 2.2: whatever is no good access token is inactive, and nothing more is said', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const form = signIn.form(await signIn.allow(account));
  expect(await introspect(form.code)).toEqual({ active: false });
  const tokens = (await (await app.post('token', form)).json()) as Record<string, string>;
  expect(await introspect(tokens.refresh_token)).toEqual({ active: false });
  expect(await introspect(`${tokens.access_token}x`)).toEqual({ active: false });
  expect(await introspect('a.b.c')).toEqual({ active: false });
  await app.revoke(tokens.access_token);
  expect(await introspect(tokens.access_token)).toEqual({ active: false });
});

test('RFC 7662, 4: introspection is not for scripts of other sites', async () => {
  const { app } = await provider();
  const answer = await app.post('introspection', {});
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});
