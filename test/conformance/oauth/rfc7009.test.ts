import { expect } from 'vitest';
import { test } from '../lib/conformance-test.ts';
import { anotherApp, expectError, provider } from './lib/provider.ts';

/** RFC 7009: token revocation, with what Matrix adds. */

test('RFC 7009, 2.1: an access token that is revoked takes its refresh token and its device along', async () => {
  const { app, account, user } = await provider();
  const signIn = app.signIn();
  const tokens = await signIn.tokens(account);
  await app.revoke(tokens.access_token);
  expect((await app.whoami(tokens.access_token)).status).toBe(401);
  await expectError(await app.refresh(tokens.refresh_token), 'invalid_grant');
  expect((await user.call('GET', `/v3/devices/${signIn.deviceId}`)).status).toBe(404);
});

test('RFC 7009, 2.1: a refresh token that is revoked takes its access token along', async () => {
  const { app, account } = await provider();
  const tokens = await app.signIn().tokens(account);
  await app.revoke(tokens.refresh_token);
  expect((await app.whoami(tokens.access_token)).status).toBe(401);
  await expectError(await app.refresh(tokens.refresh_token), 'invalid_grant');
});

test('RFC 7009, 2.1: a hint that is wrong or unknown is no hindrance', async () => {
  const { app, account } = await provider();
  for (const hint of ['refresh_token', 'nonsense', '']) {
    const { access_token } = await app.signIn().tokens(account);
    const form = { token: access_token, token_type_hint: hint, client_id: app.client.client_id };
    expect((await app.post('revocation', form)).status).toBe(200);
    expect((await app.whoami(access_token)).status).toBe(401);
  }
});

test('RFC 7009, 2.1: a request without a token, in the address, or repeated is invalid', async () => {
  const { app, account } = await provider();
  const { client_id } = app.client;
  const { access_token: token } = await app.signIn().tokens(account);
  await expectError(await app.post('revocation', { client_id }), 'invalid_request');
  await expectError(await app.post('revocation', `token=${token}&token=${token}`), 'invalid_request');
  const inAddress = `${app.server.revocation_endpoint}?${new URLSearchParams({ token, client_id })}`;
  await expectError(await fetch(inAddress, { method: 'POST' }), 'invalid_request');
  expect((await fetch(inAddress)).status).toBe(405);
  expect((await app.whoami(token)).status).toBe(200);
});

test('RFC 7009, 2.2: a token that is unknown, or revoked already, is answered as if it had been there', async () => {
  const { app, account } = await provider();
  const { access_token } = await app.signIn().tokens(account);
  await app.revoke(access_token);
  for (const token of [access_token, 'made-up', 'roost_YQ_x_y', '💥']) await app.revoke(token);
});

test('Matrix, token revocation: who shows a token ends it, with no client id or that of another client', async () => {
  const { app, account } = await provider();
  const other = await anotherApp();
  for (const client_id of [undefined, other.client.client_id, 'unknown']) {
    const { access_token: token } = await app.signIn().tokens(account);
    expect((await app.post('revocation', { token, client_id })).status).toBe(200);
    expect((await app.whoami(token)).status).toBe(401);
  }
});

test('Matrix, MSC4254: logging out by the client-server API ends the grant, too', async () => {
  const { app, account } = await provider();
  const tokens = await app.signIn().tokens(account);
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const answer = await fetch(`${app.url}/_matrix/client/v3/logout`, { method: 'POST', headers });
  expect(answer.status).toBe(200);
  await expectError(await app.refresh(tokens.refresh_token), 'invalid_grant');
});
