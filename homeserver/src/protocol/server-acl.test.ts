import { describe, expect, test } from 'vitest';
import { isAllowedByAcl } from './server-acl.ts';

describe('F10', () => {
  test.each<[string, string, unknown, boolean]>([
    ['allowed', 'good.example', { allow: ['*'] }, true],
    ['denied', 'evil.example', { allow: ['*'], deny: ['evil.example'] }, false],
    ['denied though listed', 'evil.example', { allow: ['evil.example'], deny: ['*'] }, false],
    ['not listed', 'other.example', { allow: ['good.example'] }, false],
    ['no allow', 'good.example', { deny: [] }, false],
    ['nothing', 'good.example', {}, false],
    ['a part', 'a.evil.example', { allow: ['*'], deny: ['evil.example'] }, true],
    ['below', 'a.evil.example', { allow: ['*'], deny: ['*.evil.example'] }, false],
    ['the domain is not below itself', 'evil.example', { allow: ['*'], deny: ['*.evil.example'] }, true],
    ['one character', 'evil1.example', { allow: ['*'], deny: ['evil?.example'] }, false],
    ['a dot is a dot', 'evilxexample', { allow: ['*'], deny: ['evil.example'] }, true],
    ['case', 'EVIL.example', { allow: ['*'], deny: ['evil.EXAMPLE'] }, false],

    ['a port', 'evil.example:8448', { allow: ['*'], deny: ['evil.example'] }, false],
    [
      'a port in the list is nobody',
      'evil.example:8448',
      { allow: ['*'], deny: ['evil.example:8448'] },
      true,
    ],
    ['IPv6 without port', '[2001:db8::1]', { allow: ['*'], deny: ['[2001:db8::1]'] }, false],
    ['IPv6 with port', '[2001:db8::1]:8448', { allow: ['*'], deny: ['[2001:db8::1]'] }, false],

    ['IPv4, not said', '192.0.2.1', { allow: ['*'] }, true],
    ['IPv4 allowed', '192.0.2.1', { allow: ['*'], allow_ip_literals: true }, true],
    ['IPv4', '192.0.2.1', { allow: ['*'], allow_ip_literals: false }, false],
    ['IPv4 with port', '192.0.2.1:80', { allow: ['*'], allow_ip_literals: false }, false],
    ['IPv6', '[::1]', { allow: ['*'], allow_ip_literals: false }, false],
    ['IPv6 with port', '[::1]:443', { allow: ['*'], allow_ip_literals: false }, false],
    [
      'a name of four numbers that is no address',
      '1.2.3.256',
      { allow: ['*'], allow_ip_literals: false },
      true,
    ],
    ['three numbers', '1.2.3', { allow: ['*'], allow_ip_literals: false }, true],
    ['five numbers', '1.2.3.4.5', { allow: ['*'], allow_ip_literals: false }, true],
    ['a name', '1.2.3.4.example', { allow: ['*'], allow_ip_literals: false }, true],
    ['not a boolean', '192.0.2.1', { allow: ['*'], allow_ip_literals: 'false' }, true],

    ['entries of other types', 'evil.example', { allow: [5, null, '*'], deny: [{}, 'evil.example'] }, false],
    ['only entries of other types', 'good.example', { allow: [['*'], 5] }, false],
    ['allow is no list', 'good.example', { allow: '*' }, false],
    ['deny is no list', 'good.example', { allow: ['*'], deny: '*' }, true],
    ['no object', 'good.example', ['*'], false],
    ['nothing at all', 'good.example', undefined, false],
  ])('%s: %s', (_, serverName, content, expected) => {
    expect(isAllowedByAcl(serverName, content)).toBe(expected);
  });

  test('*a*a*a*b takes no more than text times pattern', () => {
    const glob = `${'*a'.repeat(2000)}*b`;
    expect(isAllowedByAcl('a'.repeat(230), { allow: ['*'], deny: [glob] })).toBe(true);
    expect(isAllowedByAcl('aaab', { allow: ['*'], deny: ['*a*a*a*b'] })).toBe(false);
    expect(isAllowedByAcl('aab', { allow: ['*'], deny: ['*a*a*a*b'] })).toBe(true);
  });

  test('10,000 entries', () => {
    const deny = Array.from({ length: 10_000 }, (_, index) => `*.evil${index}.*.example`);
    expect(isAllowedByAcl('a.evil9999.b.example', { allow: ['*'], deny })).toBe(false);
    expect(isAllowedByAcl('a.evil10000.b.example', { allow: ['*'], deny })).toBe(true);
  });
});
