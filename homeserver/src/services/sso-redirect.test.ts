import { expect, test } from 'vitest';
import { parseSsoRedirect, ssoTargetName, withLoginToken } from './sso-redirect.ts';

test.each([
  ['https://app.example.org/cb?x=1#/login', 'app.example.org'],
  ['http://localhost:8080/', 'localhost:8080'],
  ['element://connect', 'connect'],
  ['io.element.app:/callback', 'an app on this device (io.element.app)'],
])('%s is somewhere to come back to', (text, name) => {
  const url = parseSsoRedirect(text);
  expect(url && ssoTargetName(url)).toBe(name);
});

test.each([
  'javascript:alert(1)',
  'JavaScript://x/%0aalert(1)',
  'data:text/html,x',
  'blob:https://x/y',
  'file:///etc/passwd',
  'https://user:password@evil.example/',
  '//evil.example',
  '/account',
  'https://evil.example/\r\nx: y',
  '',
])('%s is not', (text) => {
  expect(parseSsoRedirect(text)).toBeUndefined();
});

test('the token is added to what the address holds', () => {
  const url = parseSsoRedirect('https://app.example.org/?a=b#c');
  expect(url && withLoginToken(url, 't')).toBe('https://app.example.org/?a=b&loginToken=t#c');
});
