import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newName, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

function newAlias(user: User, suffix = ''): string {
  return `#${newName('alias')}${suffix}:${user.serverName}`;
}

function pathOf(alias: string): string {
  return p`/v3/directory/room/${alias}`;
}

async function setAlias(user: User, alias: string, roomId: string): Promise<void> {
  await user.ok('PUT', pathOf(alias), { room_id: roomId });
}

describe('TestRoomAlias', () => {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    return { alice, bob, roomId: await alice.createPublicRoom() };
  });

  test('PUT /directory/room/:room_alias creates alias', async () => {
    const { alice, roomId } = await setting();
    const alias = newAlias(alice);
    await setAlias(alice, alias, roomId);
    expect(await alice.ok('GET', pathOf(alias))).toMatchObject({
      room_id: roomId,
      servers: expect.arrayContaining([alice.serverName]),
    });
  });

  test('Room aliases can contain Unicode', async () => {
    const { alice, roomId } = await setting();
    const alias = newAlias(alice, '-老虎Â£я🤨👉ඞ');
    await setAlias(alice, alias, roomId);
    expect(await alice.ok('GET', pathOf(alias))).toMatchObject({ room_id: roomId });
  });

  test('GET /rooms/:room_id/aliases lists aliases', async () => {
    const [alice] = await newUsers('alice');
    const roomId = await alice.createRoom();
    const path = p`/v3/rooms/${roomId}/aliases`;
    expect(await alice.ok('GET', path)).toEqual({ aliases: [] });
    const alias = newAlias(alice);
    await setAlias(alice, alias, roomId);
    expect(await alice.ok('GET', path)).toEqual({ aliases: [alias] });
  });

  test('Only room members can list aliases of a room', async () => {
    const { alice, bob } = await setting();
    const roomId = await alice.createRoom();
    const path = p`/v3/rooms/${roomId}/aliases`;
    expect(await bob.refusal('GET', path)).toEqual([403, 'M_FORBIDDEN']);
    await alice.invite(roomId, bob);
    await bob.join(roomId);
    expect(await bob.ok('GET', path)).toEqual({ aliases: [] });
  });

  test('An alias is given once', async () => {
    const { alice, roomId } = await setting();
    const alias = newAlias(alice);
    await setAlias(alice, alias, roomId);
    expect((await alice.call('PUT', pathOf(alias), { room_id: roomId })).status).toBe(409);
  });
});

describe('TestRoomDeleteAlias', () => {
  /** A room with alice as its creator and bob in it. */
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    return { alice, bob, roomId };
  });

  async function isGone(user: User, alias: string): Promise<boolean> {
    const answer = await user.call('GET', pathOf(alias));
    return answer.status === 404 && answer.body.errcode === 'M_NOT_FOUND';
  }

  test('Alias creators can delete alias with no ops', async () => {
    const { alice, bob, roomId } = await setting();
    const alias = newAlias(alice);
    await setAlias(bob, alias, roomId);
    await bob.ok('DELETE', pathOf(alias));
    expect(await isGone(bob, alias)).toBe(true);
  });

  test('Alias creators can delete canonical alias with no ops', async () => {
    const { alice, bob, roomId } = await setting();
    const alias = newAlias(alice);
    await setAlias(bob, alias, roomId);
    await alice.setState(roomId, 'm.room.canonical_alias', { alias });
    await bob.ok('DELETE', pathOf(alias));
    expect(await isGone(bob, alias)).toBe(true);
  });

  test('Can delete canonical alias', async () => {
    const [alice] = await newUsers('alice');
    const roomId = await alice.createPublicRoom();
    const alias = newAlias(alice);
    await setAlias(alice, alias, roomId);
    await alice.setState(roomId, 'm.room.canonical_alias', { alias });
    await alice.ok('DELETE', pathOf(alias));
    expect(await isGone(alice, alias)).toBe(true);
    // Clients are not to show what is no alias any more.
    const { alias: canonical } = await alice.state(roomId, 'm.room.canonical_alias');
    expect(canonical).not.toBe(alias);
  });

  test('Deleting a non-existent alias should return a 404', async () => {
    const { alice } = await setting();
    expect(await alice.refusal('DELETE', pathOf(newAlias(alice)))).toEqual([404, 'M_NOT_FOUND']);
  });

  test('Regular users can add and delete aliases in the default room configuration', async () => {
    const { bob, roomId } = await setting();
    const alias = newAlias(bob);
    await setAlias(bob, alias, roomId);
    await bob.ok('DELETE', pathOf(alias));
    expect(await isGone(bob, alias)).toBe(true);
  });

  test('Regular users can add and delete aliases when m.room.aliases is restricted', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    await alice.setPowerLevels(roomId, (levels) => {
      levels.events = { ...(levels.events as object), 'm.room.aliases': 50 };
    });
    const alias = newAlias(bob);
    await setAlias(bob, alias, roomId);
    await bob.ok('DELETE', pathOf(alias));
    expect(await isGone(bob, alias)).toBe(true);
  });

  test("Users can't delete other's aliases", async () => {
    const { alice, bob, roomId } = await setting();
    const alias = newAlias(alice);
    await setAlias(alice, alias, roomId);
    expect(await bob.refusal('DELETE', pathOf(alias))).toEqual([403, 'M_FORBIDDEN']);
    expect(await isGone(alice, alias)).toBe(false);
  });

  test("Users with sufficient power-level can delete other's aliases", async () => {
    const { alice, bob, roomId } = await setting();
    const alias = newAlias(alice);
    await setAlias(bob, alias, roomId);
    await alice.ok('DELETE', pathOf(alias));
    expect(await isGone(alice, alias)).toBe(true);
  });
});

describe('TestRoomCanonicalAlias', () => {
  const setting = shared(async () => {
    const [alice] = await newUsers('alice');
    return { alice, roomId: await alice.createPublicRoom() };
  });

  function setCanonical(user: User, roomId: string, content: object): Promise<[number, unknown]> {
    return user.refusal('PUT', p`/v3/rooms/${roomId}/state/m.room.canonical_alias/`, content);
  }

  /** The same for the alias itself and for the alternative ones. */
  const forms: [string, (alias: string) => object][] = [
    ['alias', (alias) => ({ alias })],
    ['alt_aliases', (alias) => ({ alt_aliases: [alias] })],
  ];

  for (const [form, content] of forms) {
    const what = form === 'alias' ? 'aliases' : 'alt_aliases';

    test(`m.room.canonical_alias accepts present ${what}`, async () => {
      const { alice, roomId } = await setting();
      const alias = newAlias(alice);
      await setAlias(alice, alias, roomId);
      expect(await setCanonical(alice, roomId, content(alias))).toEqual([200, undefined]);
      expect(await alice.state(roomId, 'm.room.canonical_alias')).toEqual(content(alias));
    });

    test(`m.room.canonical_alias rejects missing ${what}`, async () => {
      const { alice, roomId } = await setting();
      expect(await setCanonical(alice, roomId, content(newAlias(alice)))).toEqual([400, 'M_BAD_ALIAS']);
    });

    test(`m.room.canonical_alias rejects invalid ${what}`, async () => {
      const { alice, roomId } = await setting();
      expect(await setCanonical(alice, roomId, content('%invalid'))).toEqual([400, 'M_INVALID_PARAM']);
    });

    test(`m.room.canonical_alias rejects ${form} pointing to different local room`, async () => {
      const { alice, roomId } = await setting();
      const elsewhere = await alice.createPublicRoom();
      const alias = newAlias(alice);
      await setAlias(alice, alias, elsewhere);
      expect(await setCanonical(alice, roomId, content(alias))).toEqual([400, 'M_BAD_ALIAS']);
    });
  }

  test('m.room.canonical_alias setting rejects deleted aliases', async () => {
    const { alice, roomId } = await setting();
    const alias = newAlias(alice);
    await setAlias(alice, alias, roomId);
    await alice.ok('DELETE', pathOf(alias));
    expect(await setCanonical(alice, roomId, { alias })).toEqual([400, 'M_BAD_ALIAS']);
  });
});

testAnswersOf('apidoc_room_alias');
