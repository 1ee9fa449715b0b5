import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import type { ServerName, UserId } from '../../../matrix/identifiers.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { Peer } from '../federation/testing/peer.ts';
import { Peers } from '../federation/testing/peers.ts';
import { makeStubs } from '../objects/stubs.ts';
import { FakeRoom } from '../objects/user-sync/testing/fake-room.ts';
import { keysElsewhere } from './keys-elsewhere.ts';

const testEnv = env as unknown as Env;
const stubs = makeStubs(testEnv);
const parts = { env: testEnv, stubs };
const queryPath = '/_matrix/federation/v1/user/keys/query';
let peers: Peers;
let made = 0;

beforeEach(() => {
  peers = new Peers();
});

/** A user elsewhere with devices, and one here. */
function makeUsers() {
  made += 1;
  const peer = new Peer();
  const [owner, viewer] = [
    `@owner:${peer.name}` as UserId,
    `@viewer${made}:${readConfig(testEnv).serverName}` as UserId,
  ];
  const devices = ['PHONE'];
  let asked = 0;
  /** Runs while the other server makes its answer. */
  const during: (() => Promise<void>)[] = [];
  const serve = () =>
    peers.on(`${peer.name}${queryPath}`, async () => {
      asked += 1;
      const keys = Object.fromEntries(
        devices.map((id) => [
          id,
          { user_id: owner, device_id: id, algorithms: [], keys: {}, signatures: {} },
        ]),
      );
      for (const act of during.splice(0)) await act();
      return Response.json({ device_keys: { [owner]: keys } });
    });
  serve();
  const room = FakeRoom.created(`keys${made}`, viewer, owner);
  room.add(owner, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' }, '');
  const apply = async () => void (await stubs.user(viewer).applyRoomDelta(room.delta()));
  const query = async (who = viewer, wanted: string[] = []) => {
    const elsewhere = new Map<ServerName, UserId[]>([[peer.name, [owner]]]);
    const { found, failures } = await keysElsewhere(parts, who, elsewhere, { [owner]: wanted }, 2_000);
    return { devices: Object.keys(found.get(owner)?.deviceKeys ?? {}), failures };
  };
  return {
    ...{ peer, owner, viewer, devices, during, room, apply, query },
    enter: async () => void (await stubs.user(viewer).applyRoomDelta(room.snapshot())),
    timesAsked: () => asked,
    goAway: () => peers.off(`${peer.name}${queryPath}`),
  };
}

test('who shares an encrypted room is asked once, until their server tells of a change', async () => {
  const { query, enter, timesAsked, devices, owner } = makeUsers();
  await enter();
  expect(await query()).toEqual({ devices: ['PHONE'], failures: [] });
  devices.push('LAPTOP');
  expect((await query()).devices).toEqual(['PHONE']);
  expect(timesAsked()).toBe(1);
  await stubs.userKeys(owner).outdateKeysElsewhere();
  expect((await query()).devices).toEqual(['PHONE', 'LAPTOP']);
  expect((await query(undefined, ['LAPTOP'])).devices).toEqual(['LAPTOP']);
  expect(timesAsked()).toBe(2);
});

test('a change that is told while the answer is under way is not covered by it', async () => {
  const { query, enter, timesAsked, during, owner } = makeUsers();
  await enter();
  during.push(() => stubs.userKeys(owner).outdateKeysElsewhere());
  await query();
  await query();
  await query();
  expect(timesAsked()).toBe(2);
});

test('who shares no encrypted room, or not since then, is asked for anew', async () => {
  const { query, enter, apply, room, timesAsked, owner, viewer } = makeUsers();
  await query();
  await query();
  expect(timesAsked(), 'a stranger').toBe(2);
  await enter();
  await query();
  expect(timesAsked()).toBe(3);
  room.member(owner, 'leave');
  await apply();
  await query();
  expect(timesAsked(), 'gone').toBe(4);
  room.member(owner, 'join');
  await apply();
  await query();
  await query();
  expect(timesAsked(), 'back: asked once').toBe(5);
  expect(await query('@other:roost.test' as UserId)).toMatchObject({ devices: ['PHONE'] });
  expect([timesAsked(), viewer.length > 0]).toEqual([6, true]);
});

test('while the server is away, what is known has to do, also if it is old; it is told that the server is away', async () => {
  const { query, enter, goAway, owner, peer } = makeUsers();
  await enter();
  await query();
  await stubs.userKeys(owner).outdateKeysElsewhere();
  goAway();
  expect(await query()).toEqual({ devices: ['PHONE'], failures: [peer.name] });
  const stranger = '@stranger:roost.test' as UserId;
  expect(await query(stranger)).toEqual({ devices: [], failures: [peer.name] });
});
