import { expect, test } from 'vitest';
import type { Config } from '../../config.ts';
import { OauthError } from '../../services/oauth/oauth-error.ts';
import { checkOwnService } from './own-service.ts';

const config = {
  adminToken: 'the/owner+secret=',
  registrations: [
    { id: 'gulls', asToken: 'gulls&secret' },
    { id: 'terns', asToken: 'terns-secret' },
    { id: 'empty', asToken: '' },
  ],
} as unknown as Config;

const request = (authorization?: string) =>
  new Request('https://roost.test/', authorization === undefined ? {} : { headers: { authorization } });
const basic = (id: string, secret: string) => `Basic ${btoa(`${encode(id)}:${encode(secret)}`)}`;
const encode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);

test.each([
  `Bearer ${config.adminToken}`,
  'bearer terns-secret',
  basic('owner', config.adminToken),
  basic('gulls', 'gulls&secret'),
  basic('terns', 'terns-secret').replace('Basic', 'basic'),
])('%s is let in', (authorization) => {
  expect(() => checkOwnService(request(authorization), config)).not.toThrow();
});

test.each([
  undefined,
  '',
  'Bearer',
  'Bearer ',
  'Bearer guess',
  'Digest terns-secret',
  basic('owner', ''),
  basic('', ''),
  basic('empty', ''),
  basic('', config.adminToken),
  basic('owner', 'terns-secret'),
  basic('terns', 'gulls&secret'),
  basic('terns', config.adminToken),
  `Basic ${btoa('terns-secret')}`,
  'Basic %%%',
])('%s is not, and is told how', (authorization) => {
  const check = () => checkOwnService(request(authorization), config);
  expect(check).toThrow(OauthError);
  try {
    check();
  } catch (error) {
    expect(error).toMatchObject({ status: 401, code: 'invalid_client' });
    expect((error as OauthError).headers['www-authenticate']).toContain('Basic');
  }
});
