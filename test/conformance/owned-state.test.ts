import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { needsRoomVersion } from './lib/features.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

/** A room where everybody may send this kind of state, with bob in it. */
async function roomOf(version: string, users: { alice: User; bob: User }): Promise<string> {
  const roomId = await users.alice.createPublicRoom({
    room_version: version,
    power_level_content_override: { events: { 'org.example.owned': 0 }, state_default: 0 },
  });
  await users.bob.join(roomId);
  return roomId;
}

function setState(user: User, roomId: string, stateKey: string): Promise<[number, unknown]> {
  return user.refusal('PUT', p`/v3/rooms/${roomId}/state/org.example.owned/${stateKey}`, {
    by: user.localpart,
  });
}

const accepted = [200, undefined];
const refused = [403, 'M_FORBIDDEN'];

describe('TestWithoutOwnedState', () => {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    return { alice, bob, roomId: await roomOf('10', { alice, bob }) };
  });

  test('user can set state with their own user ID as state key', async () => {
    const { bob, roomId } = await setting();
    expect(await setState(bob, roomId, bob.userId)).toEqual(accepted);
  });

  test('room creator cannot set state with their own suffixed user ID as state key', async () => {
    const { alice, roomId } = await setting();
    expect(await setState(alice, roomId, `${alice.userId}_suffix`)).toEqual(refused);
  });

  test('room creator cannot set state with another user ID as state key', async () => {
    const { alice, bob, roomId } = await setting();
    expect(await setState(alice, roomId, bob.userId)).toEqual(refused);
  });

  test('room creator cannot set state with another suffixed user ID as state key', async () => {
    const { alice, bob, roomId } = await setting();
    expect(await setState(alice, roomId, `${bob.userId}_suffix`)).toEqual(refused);
  });

  test('room creator cannot set state with a non-member user ID as state key', async () => {
    const { alice, roomId } = await setting();
    expect(await setState(alice, roomId, `@nobody:${alice.serverName}`)).toEqual(refused);
  });

  test('room creator cannot set state with malformed user ID as state key', async () => {
    const { alice, roomId } = await setting();
    expect(await setState(alice, roomId, '@oops')).toEqual(refused);
  });
});

describe('TestMSC3757OwnedState', () => {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const version = await needsRoomVersion(alice, 'org.matrix.msc3757.11', 'org.matrix.msc3757.10');
    return { alice, bob, roomId: await roomOf(version, { alice, bob }) };
  });

  test('user can set state with their own user ID, suffixed or not', async () => {
    const { bob, roomId } = await setting();
    expect(await setState(bob, roomId, bob.userId)).toEqual(accepted);
    expect(await setState(bob, roomId, `${bob.userId}_suffix`)).toEqual(accepted);
  });

  test('room creator can set state with another user ID, suffixed or not', async () => {
    const { alice, bob, roomId } = await setting();
    expect(await setState(alice, roomId, bob.userId)).toEqual(accepted);
    expect(await setState(alice, roomId, `${bob.userId}_suffix`)).toEqual(accepted);
  });

  test("user cannot set state with the creator's user ID, suffixed or not", async () => {
    const { alice, bob, roomId } = await setting();
    expect(await setState(bob, roomId, alice.userId)).toEqual(refused);
    expect(await setState(bob, roomId, `${alice.userId}_suffix`)).toEqual(refused);
  });

  test('nobody can set state with a malformed or wrongly suffixed user ID', async () => {
    const { alice, bob, roomId } = await setting();
    expect((await setState(alice, roomId, '@oops'))[0]).not.toBe(200);
    expect((await setState(bob, roomId, `${bob.userId}@suffix`))[0]).not.toBe(200);
  });
});

testAnswersOf('owned_state');
