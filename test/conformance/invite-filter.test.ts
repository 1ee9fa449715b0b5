import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { isInvited } from './lib/events.ts';
import { needsFeature } from './lib/features.ts';
import { usersOnServers } from './lib/federation/homeserver.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

type Outcome = 'invited' | 'blocked' | 'ignored';

const type = 'org.matrix.msc4155.invite_permission_config';

function filterTests(twoUsers: () => Promise<readonly [alice: User, bob: User]>): void {
  /** Bob invites alice, who has said whom she will hear. */
  async function expectOutcome(
    outcome: Outcome,
    config: (names: { bob: string; server: string }) => Record<string, unknown>,
  ): Promise<void> {
    await needsFeature('org.matrix.msc4155');
    const [alice, bob] = await twoUsers();
    await alice.setAccountData(type, config({ bob: bob.userId, server: bob.serverName }));
    const since = await alice.now();
    const roomId = await bob.createRoom();
    const path = p`/v3/rooms/${roomId}/invite`;
    const [status, errcode] = await bob.refusal('POST', path, { user_id: alice.userId });
    if (outcome === 'blocked') {
      expect([status, String(errcode)]).toEqual([403, expect.stringMatching(/INVITE_BLOCKED$/)]);
      return;
    }
    expect(status).toBe(200);
    if (outcome === 'invited') {
      await alice.syncUntil('the invitation', isInvited(roomId), { since });
      return;
    }
    const message = await alice.createRoom();
    const syncs = await alice.syncAllUntil('a room of her own', (sync) => !!sync.rooms?.join?.[message], {
      since,
    });
    expect(syncs.some(isInvited(roomId))).toBe(false);
  }

  test('Can invite users normally without any rules', () => expectOutcome('invited', () => ({})));

  test('Can block a single user', () => expectOutcome('blocked', ({ bob }) => ({ blocked_users: [bob] })));

  test('Can ignore a single user', () => expectOutcome('ignored', ({ bob }) => ({ ignored_users: [bob] })));

  test('Can block a whole server', () =>
    expectOutcome('blocked', ({ server }) => ({ blocked_servers: [server] })));

  test('Can ignore a whole server', () =>
    expectOutcome('ignored', ({ server }) => ({ ignored_servers: [server] })));

  test('Can glob serveral users', () => expectOutcome('blocked', () => ({ blocked_users: ['@bob*:*'] })));

  test('Can glob serveral servers', () =>
    expectOutcome('blocked', ({ server }) => ({ blocked_servers: [`${server.slice(0, 3)}*`] })));

  test('Can allow a user from a blocked server', () =>
    expectOutcome('invited', ({ bob, server }) => ({ allowed_users: [bob], blocked_servers: [server] })));

  test('Can block a user from an allowed server', () =>
    expectOutcome('blocked', ({ bob, server }) => ({ blocked_users: [bob], allowed_servers: [server] })));

  test('Will ignore null fields', () =>
    expectOutcome('invited', () => ({
      allowed_users: null,
      ignored_users: null,
      blocked_users: null,
      allowed_servers: null,
      ignored_servers: null,
      blocked_servers: null,
    })));

  test('Will allow users when a user appears in multiple fields', () =>
    expectOutcome('invited', ({ bob }) => ({
      allowed_users: [bob],
      ignored_users: [bob],
      blocked_users: [bob],
    })));
}

describe('TestInviteFiltering', () => filterTests(() => newUsers('alice', 'bob')));

describe('TestInviteFiltering, from another server', () => filterTests(() => usersOnServers('alice', 'bob')));

testAnswersOf('invite_filter');
