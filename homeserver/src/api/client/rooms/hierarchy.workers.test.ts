import { beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { alice, bob, call, createRoom, roomPath, setUpPeople } from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

const space = { preset: 'public_chat', creation_content: { type: 'm.space' } };
const room = { preset: 'public_chat' };

async function link(parent: string, child: string, content: JsonObject = {}): Promise<string> {
  const set = await call(
    alice,
    'PUT',
    `${roomPath(parent)}/state/m.space.child/${encodeURIComponent(child)}`,
    { via: ['roost.test'], ...content },
  );
  expect(set.status).toBe(200);
  return String(set.body.event_id);
}

async function hierarchy(roomId: string, query = '', userId = alice) {
  return call(userId, 'GET', `/v1/rooms/${encodeURIComponent(roomId)}/hierarchy${query}`);
}

const idsOf = ({ body }: { body: JsonObject }) => (body.rooms as JsonObject[]).map((one) => one.room_id);

const childrenOf = ({ body }: { body: JsonObject }, roomId: string) =>
  (body.rooms as { room_id: string; children_state: JsonObject[] }[])
    .find((one) => one.room_id === roomId)
    ?.children_state.map((child) => child.state_key);

/** Root → R1, S1 → (S2 → R3, R4), R2; the last is another's and anyone may read it. */
async function tree() {
  const { roomId: root } = await createRoom(alice, { ...space, name: 'Root' });
  const { roomId: r1 } = await createRoom(alice, { ...room, name: 'R1' });
  const { roomId: s1 } = await createRoom(alice, { ...space, name: 'S1' });
  const { roomId: r2 } = await createRoom(alice, room);
  const { roomId: s2 } = await createRoom(alice, space);
  const { roomId: r3 } = await createRoom(alice, room);
  const { roomId: r4 } = await createRoom(bob, {
    initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } }],
  });
  await link(root, r1, { suggested: true, order: 'a' });
  await link(root, s1, { order: 'b' });
  await link(root, r2, { suggested: true });
  await link(s1, s2);
  await link(s2, r3);
  const lastLink = await link(s2, r4);
  return { root, r1, s1, r2, s2, r3, r4, lastLink };
}

test('the whole tree comes depth first, children in their order', async () => {
  const { root, r1, s1, r2, s2, r3, r4 } = await tree();
  const whole = await hierarchy(root);
  expect(idsOf(whole)).toEqual([root, r1, s1, s2, r3, r4, r2]);
  expect(whole.body.next_batch).toBeUndefined();
  expect(whole.body.rooms).toMatchObject([
    {
      name: 'Root',
      room_type: 'm.space',
      join_rule: 'public',
      num_joined_members: 1,
      world_readable: false,
      guest_can_join: false,
      room_version: '12',
      children_state: [
        {
          type: 'm.space.child',
          state_key: r1,
          sender: alice,
          content: { via: ['roost.test'], suggested: true, order: 'a' },
          origin_server_ts: expect.any(Number),
        },
        { state_key: s1 },
        { state_key: r2 },
      ],
    },
    { name: 'R1', children_state: [] },
    {},
    {},
    {},
    { world_readable: true },
    {},
  ]);
});

test('depth, suggestions, what is no space, and links that are gone', async () => {
  const { root, r1, s1, r2, s2, r3, r4, lastLink } = await tree();
  const shallow = await hierarchy(root, '?max_depth=1');
  expect(idsOf(shallow)).toEqual([root, r1, s1, r2]);
  expect(childrenOf(shallow, s1)).toEqual([s2]);
  expect(idsOf(await hierarchy(root, '?max_depth=0'))).toEqual([root]);
  const suggested = await hierarchy(root, '?suggested_only=true');
  expect(idsOf(suggested)).toEqual([root, r1, r2]);
  expect(childrenOf(suggested, root)).toEqual([r1, r2]);
  await link(r2, r3);
  expect(childrenOf(await hierarchy(root), r2)).toEqual([]);
  await call(alice, 'PUT', `${roomPath(s2)}/redact/${encodeURIComponent(lastLink)}/1`, {});
  await link(root, r1, { via: undefined } as unknown as JsonObject);
  const after = await hierarchy(root);
  expect(idsOf(after)).toEqual([root, s1, s2, r3, r2]);
  expect(idsOf(after)).not.toContain(r4);
});

test('pages follow on one another and list every room once, circles included', async () => {
  const { root, r1, s1, r2, s2, r3, r4 } = await tree();
  await link(s2, root);
  await link(s2, r1);
  const listed: unknown[] = [];
  let from = '';
  for (let page = 0; page < 10; page += 1) {
    const answer = await hierarchy(root, `?limit=2${from}`);
    listed.push(...idsOf(answer));
    if (answer.body.next_batch === undefined) break;
    from = `&from=${String(answer.body.next_batch)}`;
  }
  expect(listed).toEqual([root, r1, s1, s2, r3, r4, r2]);
  const invalid = { status: 400, body: { errcode: 'M_INVALID_PARAM' } };
  const { next_batch: token } = (await hierarchy(root, '?limit=2')).body;
  expect(await hierarchy(root, `?limit=2&max_depth=3&from=${String(token)}`)).toMatchObject(invalid);
  expect(await hierarchy(root, `?suggested_only=true&from=${String(token)}`)).toMatchObject(invalid);
  expect(await hierarchy(s1, `?from=${String(token)}`)).toMatchObject(invalid);
  expect(await hierarchy(root, '?from=nonsense')).toMatchObject(invalid);
  expect(await hierarchy(root, '?limit=0')).toMatchObject(invalid);
  expect(await hierarchy(root, '?max_depth=-1')).toMatchObject(invalid);
  expect(await hierarchy(root, '?suggested_only=perhaps')).toMatchObject(invalid);
  expect(await hierarchy('nonsense')).toMatchObject(invalid);
});

test('rooms that a user may not know of are left out', async () => {
  const { roomId: root } = await createRoom(alice, space);
  const { roomId: secret } = await createRoom(alice, { preset: 'private_chat' });
  const { roomId: restricted } = await createRoom(alice, {
    preset: 'private_chat',
    initial_state: [
      {
        type: 'm.room.join_rules',
        content: { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: root }] },
      },
    ],
  });
  const { roomId: knockable } = await createRoom(alice, {
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  });
  for (const child of [secret, restricted, knockable]) await link(root, child);
  expect(idsOf(await hierarchy(root, '', bob))).toEqual([root, knockable]);
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(root)}`, {});
  const answer = await hierarchy(root, '', bob);
  expect(idsOf(answer)).toEqual([root, restricted, knockable]);
  expect(answer.body.rooms).toMatchObject([{}, { allowed_room_ids: [root] }, {}]);
  await call(alice, 'POST', `${roomPath(secret)}/invite`, { user_id: bob });
  expect(idsOf(await hierarchy(root, '', bob))).toEqual([root, secret, restricted, knockable]);
  const forbidden = { status: 403, body: { errcode: 'M_FORBIDDEN' } };
  await call(alice, 'POST', `${roomPath(root)}/ban`, { user_id: bob });
  expect(await hierarchy(root, '', bob)).toMatchObject(forbidden);
  const { roomId: closed } = await createRoom(alice, { creation_content: { type: 'm.space' } });
  expect(await hierarchy(closed, '', bob)).toMatchObject(forbidden);
  expect(await hierarchy('!unknown:roost.test', '', bob)).toMatchObject(forbidden);
});

test('the summary tells which rooms let one in, of restricted rooms alone', async () => {
  const { roomId: root } = await createRoom(alice, space);
  const { roomId } = await createRoom(alice, {
    initial_state: [
      {
        type: 'm.room.join_rules',
        content: { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: root }] },
      },
    ],
  });
  const summary = (id: string) => call(alice, 'GET', `/v1/room_summary/${encodeURIComponent(id)}`);
  expect(await summary(roomId)).toMatchObject({ body: { allowed_room_ids: [root], membership: 'join' } });
  expect((await summary(root)).body).not.toHaveProperty('allowed_room_ids');
});
