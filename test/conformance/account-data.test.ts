import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newUser, newUsers } from './lib/register.ts';

const type = 'org.example.conformance';

describe('TestAddAccountData', () => {
  test('Can add global account data', async () => {
    const user = await newUser();
    const since = await user.now();
    await user.setAccountData(type, { value: 'first' });
    const path = p`/v3/user/${user.userId}/account_data/${type}`;
    expect(await user.ok('GET', path)).toEqual({ value: 'first' });
    const sync = await user.syncUntil('the account data', ({ account_data: data }) => !!data?.events.length, {
      since,
    });
    expect(sync.account_data?.events).toContainEqual({ type, content: { value: 'first' } });
  });

  test('Can add room account data', async () => {
    const user = await newUser();
    const roomId = await user.createRoom();
    const since = await user.now();
    const path = p`/v3/user/${user.userId}/rooms/${roomId}/account_data/${type}`;
    await user.ok('PUT', path, { value: 'second' });
    expect(await user.ok('GET', path)).toEqual({ value: 'second' });
    const ofRoom = (sync: Awaited<ReturnType<typeof user.sync>>) =>
      sync.rooms?.join?.[roomId]?.account_data?.events ?? [];
    const sync = await user.syncUntil('the account data', (answer) => ofRoom(answer).length > 0, { since });
    expect(ofRoom(sync)).toContainEqual({ type, content: { value: 'second' } });
  });

  test('Account data is of its user alone', async () => {
    const [owner, stranger] = await newUsers('owner', 'stranger');
    const path = p`/v3/user/${owner.userId}/account_data/${type}`;
    expect(await stranger.refusal('PUT', path, {})).toEqual([403, 'M_FORBIDDEN']);
    expect(await stranger.refusal('GET', path)).toEqual([403, 'M_FORBIDDEN']);
    expect(await owner.refusal('GET', path)).toEqual([404, 'M_NOT_FOUND']);
  });
});

testAnswersOf('account_data');
