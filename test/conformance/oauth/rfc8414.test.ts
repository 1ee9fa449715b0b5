import * as oauth from 'oauth4webapi';
import { expect } from 'vitest';
import { insecure } from '../../harness/oauth-app.ts';
import { test } from '../lib/conformance-test.ts';
import { provider } from './lib/provider.ts';

/** RFC 8414: authorization server metadata, and where Matrix has them (MSC2965). */

test('RFC 8414, 2: the issuer is an address without query and fragment', async () => {
  const { app } = await provider();
  const issuer = new URL(app.issuer);
  expect(app.issuer).toBe(issuer.href);
  expect(issuer.search + issuer.hash).toBe('');
});

test('RFC 8414, 2: what is required of metadata is there', async () => {
  const { app } = await provider();
  expect(app.server).toMatchObject({
    authorization_endpoint: expect.any(String),
    token_endpoint: expect.any(String),
    response_types_supported: ['code'],
  });
});

test('RFC 8414, 2: every endpoint of the metadata is there, and jwks_uri has a key set', async () => {
  const { app } = await provider();
  const endpoints = Object.entries(app.server).filter(([name]) => name.endsWith('_endpoint'));
  expect(endpoints.length).toBeGreaterThan(5);
  for (const [, url] of endpoints) {
    expect(new URL(String(url)).origin).toBe(new URL(app.issuer).origin);
    expect((await fetch(String(url), { method: 'POST' })).status).not.toBe(404);
  }
  const jwks = await fetch(String(app.server.jwks_uri));
  expect(await jwks.json()).toEqual({ keys: expect.any(Array) });
});

test('RFC 8414, 2: only what is offered is listed, and no ID tokens are claimed', async () => {
  const { app } = await provider();
  expect(app.server.response_modes_supported).toEqual(['query', 'fragment']);
  expect(app.server.token_endpoint_auth_methods_supported).toEqual(['none']);
  expect(app.server.grant_types_supported).not.toContain('implicit');
  expect(app.server.grant_types_supported).not.toContain('password');
  expect(app.server.scopes_supported).not.toContain('openid');
  for (const name of [
    'userinfo_endpoint',
    'id_token_signing_alg_values_supported',
    'request_uri_parameter_supported',
  ]) {
    expect(app.server).not.toHaveProperty(name);
  }
});

test('RFC 8414, 3: the well-known address has them as JSON', async () => {
  const { app } = await provider();
  const answer = await fetch(`${app.url}/.well-known/oauth-authorization-server`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.headers.get('cache-control')).toContain('max-age');
  expect(await answer.json()).toEqual(app.server);
});

test('RFC 8414, 3.3: the issuer is the one that was asked', async () => {
  const { app } = await provider();
  const issuer = new URL(app.issuer);
  const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  expect(await oauth.processDiscoveryResponse(issuer, answer)).toEqual(app.server);
});

test('RFC 8414, 5: the address of OpenID discovery has the same', async () => {
  const { app } = await provider();
  const issuer = new URL(app.issuer);
  const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...insecure });
  expect(await oauth.processDiscoveryResponse(issuer, answer)).toEqual(app.server);
});

test('MSC2965: the client-server API has the same, stable and unstable, for every site', async () => {
  const { app } = await provider();
  for (const path of ['v1/auth_metadata', 'unstable/org.matrix.msc2965/auth_metadata']) {
    const answer = await fetch(`${app.url}/_matrix/client/${path}`);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(await answer.json()).toEqual(app.server);
  }
});
