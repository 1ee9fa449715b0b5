import * as oauth from 'oauth4webapi';
import { expect } from 'vitest';
import { test } from '../lib/conformance-test.ts';
import { provider, refusalOf } from './lib/provider.ts';

/** RFC 9207: the issuer in authorization responses. */

test('RFC 9207, 2: the issuer is in the answer, in query and fragment', async () => {
  const { app, account } = await provider();
  const query = await app.signIn().allow(account);
  expect(query.searchParams.get('iss')).toBe(app.issuer);
  const fragment = await app.signIn().allow(account, { response_mode: 'fragment' });
  expect(new URLSearchParams(fragment.hash.slice(1)).get('iss')).toBe(app.issuer);
  expect(fragment.searchParams.has('iss')).toBe(false);
});

test('RFC 9207, 2: the issuer is in errors, too', async () => {
  const { app } = await provider();
  for (const changes of [
    { scope: 'x' },
    { response_type: 'token' },
    { response_mode: 'form_post' },
    { code_challenge: undefined },
    { prompt: 'none' },
    { scope: 'x', response_mode: 'fragment' },
  ]) {
    const refused = await refusalOf(await app.signIn().url(changes));
    expect(refused.get('error')).not.toBeNull();
    expect(refused.get('iss')).toBe(app.issuer);
  }
});

test('RFC 9207, 2.3: metadata say so, with the same issuer', async () => {
  const { app } = await provider();
  expect(app.server.authorization_response_iss_parameter_supported).toBe(true);
});

test('RFC 9207, 2.4: a strict client takes the answer, and none of another issuer', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const sent = await signIn.allow(account);
  expect(oauth.validateAuthResponse(app.server, app.client, sent, signIn.state).get('code')).toBeTruthy();
  const other = { ...app.server, issuer: 'https://evil.example/' };
  expect(() => oauth.validateAuthResponse(other, app.client, sent, signIn.state)).toThrow();
});
