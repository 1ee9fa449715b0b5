import { expect, test } from 'vitest';
import { clientLabel, identifyClient, parseClientMetadata } from './client-metadata.ts';

/** As Element X Android registers. */
const elementX = {
  application_type: 'native',
  client_name: 'Element X',
  'client_name#fr': 'Element X',
  client_uri: 'https://element.io',
  logo_uri: 'https://element.io/mobile-icon.png',
  tos_uri: 'https://element.io/acceptable-use-policy-terms',
  policy_uri: 'https://element.io/privacy',
  redirect_uris: ['io.element.android:/'],
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  token_endpoint_auth_method: 'none',
};

test('equal metadata are one client, in whatever order and with whatever is not known', () => {
  const first = identifyClient(parseClientMetadata(elementX));
  const turned = Object.fromEntries(Object.entries(elementX).reverse());
  expect(identifyClient(parseClientMetadata({ ...turned, nonsense: 1 }))).toEqual(first);
  expect(identifyClient(parseClientMetadata({ ...elementX, client_name: 'Other' }))).not.toEqual(first);
  expect(first.clientId).toMatch(/^[\w-]{26}$/);
});

test('a client of the device grant alone needs no redirect URI', () => {
  const { redirect_uris: _, response_types: __, ...rest } = elementX;
  const grant_types = ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'];
  expect(parseClientMetadata({ ...rest, grant_types }).redirect_uris).toEqual([]);
});

test.each([
  [{ client_uri: undefined }, 'invalid_client_metadata'],
  [{ client_uri: 'http://element.io' }, 'invalid_client_metadata'],
  [{ client_uri: 'https://u:p@element.io' }, 'invalid_client_metadata'],
  [{ client_uri: 'javascript:alert(1)' }, 'invalid_client_metadata'],
  [{ logo_uri: 'https://evil.example/x.png' }, 'invalid_client_metadata'],
  [{ tos_uri: 'javascript:alert(1)' }, 'invalid_client_metadata'],
  [{ policy_uri: 'http://element.io/' }, 'invalid_client_metadata'],
  [{ token_endpoint_auth_method: 'client_secret_basic' }, 'invalid_client_metadata'],
  [{ grant_types: ['password'], redirect_uris: [] }, 'invalid_client_metadata'],
  [{ response_types: ['token'] }, 'invalid_client_metadata'],
  [{ client_name: 'x'.repeat(256) }, 'invalid_client_metadata'],
  [{ redirect_uris: [] }, 'invalid_redirect_uri'],
  [{ redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
  [{ redirect_uris: ['io.element.android:/', 'https://evil.example/'] }, 'invalid_redirect_uri'],
])('O5: %j is refused', (change, error) => {
  expect(() => parseClientMetadata({ ...elementX, ...change })).toThrow(
    expect.objectContaining({ code: error }),
  );
});

test('a name of characters that cannot be seen is none', () => {
  const named = (name: string) => clientLabel(parseClientMetadata({ ...elementX, client_name: name }));
  expect(named('Element X')).toBe('Element X');
  expect(named('\u202e\u200b')).toBe('element.io');
});
