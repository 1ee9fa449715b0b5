import { expect } from 'vitest';
import { test } from '../lib/conformance-test.ts';
import { expectError, provider, refusalOf } from './lib/provider.ts';

/** RFC 7636: proof key for code exchange. */

test('RFC 7636, 4.4.1: a challenge by S256 is required of every client', async () => {
  const { app } = await provider();
  for (const changes of [
    { code_challenge: undefined, code_challenge_method: undefined },
    { code_challenge: undefined },
    { code_challenge: '' },
    { code_challenge_method: undefined },
    { code_challenge_method: 'plain' },
    { code_challenge_method: 's256' },
    { code_challenge_method: 'S512' },
  ]) {
    const refused = await refusalOf(await app.signIn().url(changes));
    expect(refused.get('error')).toBe('invalid_request');
  }
});

test('RFC 7636, 4.2: a challenge that is no SHA-256 is refused', async () => {
  const { app } = await provider();
  for (const challenge of [
    'short',
    `${'A'.repeat(42)}=`,
    `${'A'.repeat(42)}+`,
    'A'.repeat(44),
    'A'.repeat(128),
  ]) {
    const refused = await refusalOf(await app.signIn().url({ code_challenge: challenge }));
    expect(refused.get('error')).toBe('invalid_request');
  }
});

test('RFC 7636, 4.6: a code is exchanged for its verifier alone, and a wrong one does not use it up', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const form = signIn.form(await signIn.allow(account));
  const wrong = [
    signIn.verifier.toLowerCase(),
    `${signIn.verifier}x`,
    signIn.verifier.slice(0, 42),
    'x'.repeat(43),
    'x'.repeat(129),
    `${'x'.repeat(42)} `,
  ];
  for (const code_verifier of wrong) {
    await expectError(await app.post('token', { ...form, code_verifier }), 'invalid_grant');
  }
  await expectError(await app.post('token', { ...form, code_verifier: undefined }), 'invalid_request');
  expect((await app.post('token', form)).status).toBe(200);
});

test('RFC 7636, 4.6: the challenge itself is no verifier', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const url = new URL(await signIn.url());
  const form = signIn.form(await signIn.allow(account));
  const code_verifier = url.searchParams.get('code_challenge') ?? undefined;
  await expectError(await app.post('token', { ...form, code_verifier }), 'invalid_grant');
});

test('RFC 7636, appendix B: the example of the specification is understood', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const code_challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
  const form = signIn.form(await signIn.allow(account, { code_challenge }));
  await expectError(await app.post('token', form), 'invalid_grant');
  const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  expect((await app.post('token', { ...form, code_verifier })).status).toBe(200);
});

test('RFC 7636, 7.2: metadata tell that S256 is the only method', async () => {
  const { app } = await provider();
  expect(app.server.code_challenge_methods_supported).toEqual(['S256']);
});
