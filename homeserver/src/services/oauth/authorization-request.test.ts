import { expect, test } from 'vitest';
import { formTargetOf } from './authorization-request.ts';

test.each([
  ['https://app.example.org/back?x=1', 'https://app.example.org'],
  ['http://127.0.0.1:8765/', 'http://127.0.0.1:8765'],
  ['http://[::1]:8765/', 'http:'],
  ['io.element.app:/callback', 'io.element.app:'],
  // Parsers of addresses allow in a host what ends a directive, or a policy, in the header.
  ['https://app;sandbox/', 'https:'],
  ['https://app,sandbox/', 'https:'],
])('a form may lead on to %s by %s', (redirectUri, source) => {
  expect(formTargetOf(redirectUri)).toBe(source);
});
