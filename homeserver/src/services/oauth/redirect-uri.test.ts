import { expect, test } from 'vitest';
import { isRegisteredRedirect, mayRegisterRedirect } from './redirect-uri.ts';

const element = new URL('https://element.io/');

test.each([
  ['native', 'io.element.android:/'],
  ['native', 'io.element:/callback'],
  ['native', 'io.element.android.debug:/'],
  ['native', 'https://element.io/oauth/ios/io.element.elementx'],
  ['native', 'http://localhost/callback'],
  ['native', 'http://127.0.0.1/'],
  ['native', 'http://[::1]/callback'],
  ['web', 'https://app.element.io/'],
  ['web', 'https://element.io/callback?no_universal_links=true'],
] as const)('%s clients register %s', (type, uri) => {
  expect(mayRegisterRedirect(uri, type, element)).toBe(true);
});

test.each([
  ['web', 'http://element.io/'],
  ['web', 'http://localhost/'],
  ['web', 'io.element.android:/'],
  ['web', 'https://evil.example/'],
  ['web', 'https://notelement.io/'],
  ['web', 'https://element.io@evil.example/'],
  ['web', 'https://element.io.evil.example/'],
  ['web', 'https://element.io:8443/'],
  ['web', 'https://element.io/#fragment'],
  ['web', 'https://element.io\\@evil.example/'],
  ['web', '//element.io/'],
  ['web', 'javascript:alert(1)'],
  ['native', 'javascript:alert(1)'],
  ['native', 'data:text/html,x'],
  ['native', 'io.element.android://host/'],
  ['native', 'io.elementary:/'],
  ['native', 'com.evil:/'],
  ['native', 'IO.Element.Android:/'],
  ['native', 'http://localhost:8080/'],
  ['native', 'http://localhost:80/'],
  ['web', 'https://element.io:443/'],
  ['native', 'http://evil.example/'],
  ['native', 'http://localhost@evil.example/'],
] as const)('O1, O5: %s clients do not register %s', (type, uri) => {
  expect(mayRegisterRedirect(uri, type, element)).toBe(false);
});

test('O1: only loopback addresses may differ, and only in the port', () => {
  const registered = ['https://app.element.io/', 'http://localhost/cb', 'io.element.android:/'];
  for (const uri of [...registered, 'http://localhost:49152/cb']) {
    expect(isRegisteredRedirect(uri, registered)).toBe(true);
  }
  for (const uri of [
    'https://app.element.io',
    'https://app.element.io/x',
    'https://app.element.io/?x=1',
    'https://app.element.io:443/',
    'https://APP.element.io/',
    'https://app.element.io.evil.example/',
    'https://user@app.element.io/',
    'https://app.element.io/#x',
    'http://localhost:49152/cb/x',
    'http://localhost:49152@evil.example/cb',
    'http://localhost:49152.evil.example/cb',
    'http://127.0.0.1:49152/cb',
    'http://localhost:99999/cb',
    'IO.element.android:/',
    'io.element.android://',
  ]) {
    expect(isRegisteredRedirect(uri, registered), uri).toBe(false);
  }
});
