import { afterAll, beforeAll, expect, test } from 'vitest';
import { api, type Credentials, register } from '../harness/matrix-client.ts';
import { Roost } from '../harness/roost.ts';
import { makeDeviceKeys, makeKeyPair, makeOneTimeKeys, signAs } from '../harness/signing-keys.ts';

/** Keys that are given out and messages that are read, while the server stops, or is stopped, in between. */

const algorithm = 'signed_curve25519';
let roost: Roost;
let owner: Credentials;
let caller: Credentials;

beforeAll(async () => {
  roost = await Roost.start();
  owner = await register(roost.url, 'owner');
  caller = await register(roost.url, 'caller');
});

afterAll(() => roost?.stopAndRemove());

/** Forty one-time keys and a fallback key of a new device. @returns their ids, in the order of upload */
async function uploadKeys(from: number): Promise<string[]> {
  const pair = makeKeyPair();
  const { userId, deviceId, accessToken } = owner;
  const oneTimeKeys = makeOneTimeKeys(userId, deviceId, pair, 40, from);
  const fallback = signAs({ key: makeKeyPair().publicKey, fallback: true }, userId, pair, deviceId);
  await api(roost.url, accessToken, 'POST', 'v3/keys/upload', {
    ...(from === 0 && { device_keys: makeDeviceKeys(userId, deviceId, pair) }),
    one_time_keys: oneTimeKeys,
    fallback_keys: { [`${algorithm}:FALLBACK`]: fallback },
  });
  return Object.keys(oneTimeKeys);
}

async function claim(): Promise<string> {
  const answer = await api<{ one_time_keys: Record<string, Record<string, object>> }>(
    roost.url,
    caller.accessToken,
    'POST',
    'v3/keys/claim',
    { one_time_keys: { [owner.userId]: { [owner.deviceId]: algorithm } } },
  );
  return Object.keys(answer.one_time_keys[owner.userId]?.[owner.deviceId] ?? {})[0] ?? 'nothing';
}

test('fifty claims of forty keys, over a restart: each key once, in order, then the fallback', async () => {
  const keys = await uploadKeys(0);
  const before = await Promise.all(Array.from({ length: 25 }, claim));
  expect(before.sort()).toEqual(keys.slice(0, 25));
  expect(await roost.stop()).toBe(0);
  await roost.start();
  const after = await Promise.all(Array.from({ length: 25 }, claim));
  const fallback = `${algorithm}:FALLBACK`;
  expect(after.sort()).toEqual([...keys.slice(25), ...Array<string>(10).fill(fallback)]);
  const sync = await api(roost.url, owner.accessToken, 'GET', 'v3/sync?timeout=0');
  expect(sync.device_one_time_keys_count).toEqual({ [algorithm]: 0 });
  expect(sync.device_unused_fallback_key_types).toEqual([]);
});

test('the server is killed in the middle of it: no key is given twice', async () => {
  const keys = await uploadKeys(40);
  const given: string[] = [];
  let lost = 0;
  let answered = () => {};
  const firstAnswers = new Promise<void>((resolve) => {
    answered = () => void (given.length === 8 && resolve());
  });
  const claimOnce = () =>
    claim().then(
      (key) => {
        given.push(key);
        answered();
      },
      () => {
        lost += 1;
      },
    );
  const wave = Array.from({ length: 30 }, claimOnce);
  await firstAnswers;
  await roost.kill();
  await Promise.all(wave);
  await roost.start();
  await Promise.all(Array.from({ length: 40 }, claimOnce));
  // Answers overtake each other, so the order of those before says nothing.
  await claimOnce();
  const oneTime = given.filter((key) => key !== `${algorithm}:FALLBACK`);
  expect(new Set(oneTime).size).toBe(oneTime.length);
  expect(oneTime.every((key) => keys.includes(key))).toBe(true);
  // A claim whose answer was lost may have taken a key with it, and no other does.
  expect(oneTime.length).toBeGreaterThanOrEqual(keys.length - lost);
  expect(given.at(-1)).toBe(`${algorithm}:FALLBACK`);
});

test('messages to a device come a hundred at a time, again until acknowledged, and never after', async () => {
  const send = (value: number) =>
    api(roost.url, caller.accessToken, 'PUT', `v3/sendToDevice/m.test/txn-${value}`, {
      messages: { [owner.userId]: { [owner.deviceId]: { value } } },
    });
  const sync = async (since?: string) => {
    const from = since === undefined ? '' : `&since=${since}`;
    const path = `v3/sync?timeout=0${from}`;
    const answer = await api<{
      next_batch: string;
      to_device?: { events: { content: { value: number } }[] };
    }>(roost.url, owner.accessToken, 'GET', path);
    const values = (answer.to_device?.events ?? []).map(({ content }) => content.value);
    return { values, next: answer.next_batch };
  };
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
  for (let value = 0; value < 110; value += 1) await send(value);
  const first = await sync();
  expect(first.values).toEqual(range(0, 100));
  await roost.kill();
  await roost.start();
  // Nothing was acknowledged, so it all comes again.
  expect((await sync()).values).toEqual(range(0, 100));
  // A sender that heard no answer repeats itself.
  await send(5);
  await send(105);
  const second = await sync(first.next);
  expect(second.values).toEqual(range(100, 110));
  await roost.kill();
  await roost.start();
  expect((await sync(first.next)).values).toEqual(range(100, 110));
  const end = await sync(second.next);
  expect(end.values).toEqual([]);
  await send(7);
  await roost.kill();
  await roost.start();
  expect((await sync(end.next)).values).toEqual([]);
  expect((await sync()).values).toEqual([]);
});
