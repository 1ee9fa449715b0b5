import { expect, test } from 'vitest';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { invitePermission } from './invite-permission.ts';

const bob = '@bob:hs2' as UserId;

test.each<[JsonObject[], string]>([
  [[], 'allow'],
  [[{}], 'allow'],
  [[{ blocked_users: [bob] }], 'block'],
  [[{ ignored_users: [bob] }], 'ignore'],
  [[{ blocked_users: ['@alice:hs2'] }], 'allow'],
  [[{ blocked_servers: ['hs2'] }], 'block'],
  [[{ ignored_servers: ['hs2'] }], 'ignore'],
  [[{ blocked_servers: ['hs*'] }], 'block'],
  [[{ blocked_users: ['@b?b*'] }], 'block'],
  [[{ allowed_users: [bob], blocked_servers: ['hs2'] }], 'allow'],
  [[{ blocked_users: [bob], allowed_servers: ['hs2'] }], 'block'],
  [[{ allowed_users: [bob], ignored_users: [bob], blocked_users: [bob] }], 'allow'],
  [[{ ignored_users: [bob], blocked_users: [bob] }], 'ignore'],
  [[{ allowed_users: null, blocked_users: null, blocked_servers: 'hs2' }], 'allow'],
  [[{ enabled: false, blocked_users: [bob] }], 'allow'],
  [[{ default_action: 'block' }], 'block'],
  [[{ default_action: 'allow' }], 'allow'],
  [[{ default_action: 5 }], 'allow'],
  [[{ default_action: 'block', allowed_servers: ['hs2'] }], 'allow'],
  [[{ default_action: 'block' }, { allowed_users: [bob] }], 'allow'],
  [[{ block_all: true }], 'block'],
])('%j: %s', (contents, expected) => {
  expect(invitePermission(contents, bob)).toBe(expected);
});
