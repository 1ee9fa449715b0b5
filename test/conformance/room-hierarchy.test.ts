import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { homeserver, usersOnServers } from './lib/federation/homeserver.ts';
import { p } from './lib/http.ts';
import { newUser, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

interface Child {
  state_key: string;
  sender: string;
  content: Record<string, unknown>;
}

interface Hierarchy {
  rooms: { room_id: string; room_type?: string; children_state: Child[] }[];
  next_batch?: string;
}

function hierarchy(user: User, roomId: string, query: Record<string, string | number | boolean> = {}) {
  return user.ok<Hierarchy>('GET', p`/v1/rooms/${roomId}/hierarchy`, undefined, query);
}

function ids(answer: Hierarchy): string[] {
  return answer.rooms.map((room) => room.room_id);
}

function newSpace(user: User, body: Record<string, unknown> = {}): Promise<string> {
  return user.createPublicRoom({ creation_content: { type: 'm.space' }, ...body });
}

async function link(
  user: User,
  parent: string,
  child: string,
  extra: Record<string, unknown> = {},
): Promise<string> {
  return user.setState(parent, 'm.space.child', { via: [user.serverName], ...extra }, child);
}

describe('TestClientSpacesSummary', () => {
  /**
   * Root links R1 and SS1; SS1 links SS2 and R2 (not as suggested), SS2 links R3 and R4, and R5 is a room that links,
   * which makes no space of it.
   */
  const tree = shared(async () => {
    const user = await newUser();
    const [root, ss1, ss2] = [
      await newSpace(user, { name: 'Root' }),
      await newSpace(user),
      await newSpace(user),
    ];
    const [r1, r2, r3, r4] = [
      await user.createPublicRoom({ name: 'R1' }),
      await user.createPublicRoom(),
      await user.createPublicRoom(),
      await user.createPublicRoom(),
    ];
    await link(user, root, r1, { suggested: true, order: 'a' });
    await link(user, root, ss1, { suggested: true, order: 'b' });
    await link(user, ss1, ss2, { order: 'a' });
    await link(user, ss1, r2, { suggested: true, order: 'b' });
    await link(user, ss2, r3, { order: 'a' });
    const lastLink = await link(user, ss2, r4, { order: 'b' });
    return { user, root, ss1, ss2, r1, r2, r3, r4, lastLink };
  });

  test('query whole graph', async () => {
    const { user, root, ss1, ss2, r1, r2, r3, r4 } = await tree();
    const answer = await hierarchy(user, root);
    // Depth first, in the order of the links.
    expect(ids(answer)).toEqual([root, r1, ss1, ss2, r3, r4, r2]);
    expect(answer.rooms[0]).toMatchObject({
      room_type: 'm.space',
      name: 'Root',
      num_joined_members: 1,
      join_rule: 'public',
      guest_can_join: false,
      world_readable: false,
    });
    expect(answer.rooms[0]?.children_state.map((child) => child.state_key)).toEqual([r1, ss1]);
    expect(answer.rooms[0]?.children_state[0]).toMatchObject({
      type: 'm.space.child',
      sender: user.userId,
      content: { suggested: true, order: 'a' },
      origin_server_ts: expect.any(Number),
    });
    expect(answer.rooms[1]?.children_state).toEqual([]);
  });

  test('max_depth', async () => {
    const { user, root, ss1, r1 } = await tree();
    const answer = await hierarchy(user, root, { max_depth: 1 });
    expect(ids(answer)).toEqual([root, r1, ss1]);
  });

  test('suggested_only', async () => {
    const { user, root, ss1, r1, r2 } = await tree();
    const answer = await hierarchy(user, root, { suggested_only: true });
    expect(ids(answer)).toEqual([root, r1, ss1, r2]);
  });

  test('pagination', async () => {
    const { user, root, ss1, ss2, r1, r2, r3, r4 } = await tree();
    const first = await hierarchy(user, root, { limit: 4 });
    expect(ids(first)).toEqual([root, r1, ss1, ss2]);
    expect(first.next_batch).toEqual(expect.any(String));
    const second = await hierarchy(user, root, { limit: 4, from: first.next_batch ?? '' });
    expect(ids(second)).toEqual([r3, r4, r2]);
    expect(second.next_batch).toBeUndefined();
  });

  test('redact link', async () => {
    const { user, root, ss2, r4, lastLink } = await tree();
    await user.redact(ss2, lastLink);
    // Another depth than before, in case that the server keeps answers for a while.
    const answer = await hierarchy(user, root, { max_depth: 9 });
    expect(ids(answer)).not.toContain(r4);
    expect(ids(answer)).toHaveLength(6);
  });
});

test('TestClientSpacesSummaryJoinRules', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const root = await newSpace(alice);
  const open = await alice.createPublicRoom();
  const closed = await alice.createRoom({ preset: 'private_chat' });
  const subspace = await alice.createRoom({ preset: 'private_chat', creation_content: { type: 'm.space' } });
  const below = await alice.createPublicRoom();
  await link(alice, root, open);
  await link(alice, root, closed);
  await link(alice, root, subspace);
  await link(alice, subspace, below);
  expect(new Set(ids(await hierarchy(bob, root)))).toEqual(new Set([root, open]));
  await alice.invite(subspace, bob);
  await alice.invite(closed, bob);
  await bob.join(subspace);
  const seen = ids(await hierarchy(bob, root, { max_depth: 9 }));
  expect(new Set(seen)).toEqual(new Set([root, open, closed, subspace, below]));
});

test('TestFederatedClientSpaces', async () => {
  const [alice, bob] = await usersOnServers('alice', 'bob');
  // Bob's server has a space and a room below Alice's space, and links back to a room of hers.
  const root = await newSpace(alice);
  const mine = await alice.createPublicRoom();
  const ofBob = await newSpace(bob);
  const room = await bob.createPublicRoom();
  await link(alice, root, mine, { order: 'a' });
  await link(alice, root, ofBob, { order: 'b', via: [bob.serverName] });
  await link(bob, ofBob, room, { order: 'a' });
  await link(bob, ofBob, mine, { order: 'b', via: [alice.serverName] });
  const seen = await hierarchy(alice, root);
  expect(ids(seen)).toEqual([root, mine, ofBob, room]);
  expect(seen.rooms[2]?.children_state.map((child) => child.state_key)).toEqual([room, mine]);
  await bob.join(root, {}, [alice.serverName]);
  expect(ids(await hierarchy(bob, root))).toEqual([root, mine, ofBob, room]);
});

test('TestRestrictedRoomsSpacesSummaryFederation', async () => {
  const [alice, charlie] = await usersOnServers('alice', 'charlie');
  const bob = await (await homeserver('hs1')).newUser('bob');
  const space = await newSpace(alice, {
    initial_state: [
      {
        type: 'm.room.history_visibility',
        state_key: '',
        content: { history_visibility: 'world_readable' },
      },
    ],
  });
  const allow = [{ type: 'm.room_membership', room_id: space }];
  const roomId = await charlie.createRoom({
    preset: 'private_chat',
    room_version: '8',
    initial_state: [
      { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'restricted', allow } },
    ],
  });
  await link(alice, space, roomId, { via: [charlie.serverName] });
  // Whoever is in the space is unknown to the server of the room.
  expect(ids(await hierarchy(alice, space))).toEqual([space]);
  expect(ids(await hierarchy(bob, space))).toEqual([space]);
  await charlie.join(space, {}, [alice.serverName]);
  // Other depths than before, in case that the server keeps answers for a while.
  expect(ids(await hierarchy(alice, space, { max_depth: 9 }))).toEqual([space, roomId]);
  expect(ids(await hierarchy(bob, space, { max_depth: 9 }))).toEqual([space]);
});

test('TestRestrictedRoomsSpacesSummaryLocal', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const space = await newSpace(alice, { name: 'Space' });
  const allow = [{ type: 'm.room_membership', room_id: space }];
  const roomId = await alice.createRoom({
    preset: 'private_chat',
    room_version: '8',
    initial_state: [
      { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'restricted', allow } },
    ],
  });
  await link(alice, space, roomId);
  expect(ids(await hierarchy(bob, space))).toEqual([space]);
  await bob.join(space);
  const answer = await hierarchy(bob, space, { max_depth: 9 });
  expect(ids(answer)).toEqual([space, roomId]);
  expect(answer.rooms[1]).toMatchObject({ join_rule: 'restricted', allowed_room_ids: [space] });
});

testAnswersOf('room_hierarchy');
