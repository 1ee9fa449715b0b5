import { expect } from 'vitest';
import { webApp } from '../../harness/oauth-app.ts';
import { test } from '../lib/conformance-test.ts';
import { expectError, provider } from './lib/provider.ts';

/** RFC 7591: dynamic client registration, with the rules of Matrix (MSC2966). */

async function register(body: unknown, raw = false): Promise<Response> {
  const { app } = await provider();
  return fetch(String(app.server.registration_endpoint), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: raw ? String(body) : JSON.stringify(body),
  });
}

async function registered(changes: object): Promise<Record<string, unknown>> {
  const answer = await register({ ...webApp, ...changes });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Record<string, unknown>;
}

test('RFC 7591, 3.2.1: the answer is 201 with the id and all that was registered, and kept nowhere', async () => {
  const answer = await register(webApp);
  expect(answer.status).toBe(201);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.json()).toMatchObject({
    ...webApp,
    client_id: expect.stringMatching(/^[\w-]+$/),
    client_id_issued_at: expect.any(Number),
  });
});

test('RFC 7591, 3.2.1: a public client gets no secret', async () => {
  const answer = await registered({});
  expect(answer).toMatchObject({ token_endpoint_auth_method: 'none' });
  expect(answer).not.toHaveProperty('client_secret');
});

test('RFC 7591, 2: what is left out has its default', async () => {
  const { client_uri, redirect_uris } = webApp;
  const answer = await register({ client_uri, redirect_uris });
  expect(await answer.json()).toMatchObject({
    grant_types: ['authorization_code'],
    response_types: ['code'],
    application_type: 'web',
  });
});

test('RFC 7591, 2: metadata that are not understood are passed over, also in other languages', async () => {
  const answer = await registered({
    'client_name#fr': 'Exemple',
    software_statement: 'eyJ',
    jwks_uri: 'https://example.org/jwks',
    x: { y: 1 },
  });
  expect(answer).not.toHaveProperty('x');
  expect(answer).not.toHaveProperty('software_statement');
});

test('RFC 7591, 2.1: grants that are not offered are left out, and grants and response types fit each other', async () => {
  const answer = await registered({
    grant_types: ['authorization_code', 'implicit', 'password', 'refresh_token'],
  });
  expect(answer.grant_types).toEqual(['authorization_code', 'refresh_token']);
  for (const changes of [{ grant_types: ['implicit'], redirect_uris: [] }, { response_types: ['token'] }]) {
    await expectError(await register({ ...webApp, ...changes }), 'invalid_client_metadata');
  }
});

test('RFC 7591, 3.2.2: wrong redirect URIs and wrong metadata have errors of their own', async () => {
  for (const redirect_uris of [
    [],
    ['javascript:alert(1)'],
    ['https://evil.example/'],
    ['http://example.org/'],
  ]) {
    await expectError(await register({ ...webApp, redirect_uris }), 'invalid_redirect_uri');
  }
  for (const changes of [
    { client_uri: undefined },
    { redirect_uris: 'https://example.org/' },
    { client_name: 'x'.repeat(300) },
    { application_type: 'toaster' },
    { token_endpoint_auth_method: 'client_secret_post' },
  ]) {
    await expectError(await register({ ...webApp, ...changes }), 'invalid_client_metadata');
  }
});

test('RFC 7591, 3.2.2: a body that is no JSON object is refused', async () => {
  for (const body of ['', 'x', '[]', 'null', '{"client_uri":', `{"x":"${'y'.repeat(20_000)}"}`]) {
    await expectError(await register(body, true), 'invalid_client_metadata');
  }
});

test('RFC 7591, 3: the endpoint takes POST alone, also from other sites', async () => {
  const { app } = await provider();
  const endpoint = String(app.server.registration_endpoint);
  expect((await fetch(endpoint)).status).toBe(405);
  const preflight = await fetch(endpoint, { method: 'OPTIONS' });
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  expect((await register(webApp)).headers.get('access-control-allow-origin')).toBe('*');
});

test('MSC2966: a client has a home page, and all of its addresses are on that host', async () => {
  for (const changes of [
    { client_uri: 'http://example.org/' },
    { client_uri: 'https://user:pass@example.org/' },
    { client_uri: 'javascript:alert(1)' },
    { logo_uri: 'https://evil.example/logo.png' },
    { tos_uri: 'https://notexample.org/' },
    { policy_uri: 'http://example.org/' },
  ]) {
    await expectError(await register({ ...webApp, ...changes }), 'invalid_client_metadata');
  }
  await registered({ logo_uri: 'https://cdn.example.org:8443/logo.png?size=1' });
});

test('MSC2966: redirect URIs are those of web and of native clients', async () => {
  const native = { ...webApp, application_type: 'native' };
  const taken = [
    'https://app.example.org/x',
    'org.example.app:/callback',
    'http://127.0.0.1/cb',
    'http://[::1]/cb',
  ];
  for (const uri of taken) {
    expect((await register({ ...native, redirect_uris: [uri] })).status).toBe(201);
  }
  const refused = [
    'org.evil.app:/cb',
    'org.example.app://host/cb',
    'http://127.0.0.1:80/cb',
    'http://example.org/',
    'app:/cb',
  ];
  for (const uri of refused) {
    await expectError(await register({ ...native, redirect_uris: [uri] }), 'invalid_redirect_uri');
  }
  for (const uri of taken.slice(1)) {
    await expectError(await register({ ...webApp, redirect_uris: [uri] }), 'invalid_redirect_uri');
  }
});

test('MSC2966: who registers the same again is the same client', async () => {
  expect((await registered({})).client_id).toBe((await registered({})).client_id);
  expect((await registered({ client_name: 'x' })).client_id).not.toBe((await registered({})).client_id);
});
