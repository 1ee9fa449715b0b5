import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { needsFeature } from './lib/features.ts';
import { p } from './lib/http.ts';
import { withPassword } from './lib/interactive-auth.ts';
import { logIn, newUser } from './lib/register.ts';
import type { User } from './lib/user.ts';

const type = 'org.example.conformance';

describe('TestRemovingAccountData', () => {
  /** Sets account data, lets it be deleted, and looks that it is gone, also in a sync. */
  async function removed(
    of: 'user' | 'room',
    remove: (user: User, path: string) => Promise<unknown>,
  ): Promise<void> {
    await needsFeature('org.matrix.msc3391');
    const user = await newUser();
    const roomId = of === 'room' ? await user.createRoom() : '';
    const base = of === 'room' ? p`/user/${user.userId}/rooms/${roomId}` : p`/user/${user.userId}`;
    const path = `${base}/account_data/${type}`;
    await user.ok('PUT', `/v3${path}`, { value: 1 });
    const since = await user.now();
    await remove(user, path);
    expect(await user.refusal('GET', `/v3${path}`)).toEqual([404, 'M_NOT_FOUND']);
    const eventsIn = (sync: Awaited<ReturnType<User['sync']>>) =>
      (of === 'room' ? sync.rooms?.join?.[roomId]?.account_data : sync.account_data)?.events ?? [];
    const sync = await user.syncUntil('the removal', (answer) => eventsIn(answer).length > 0, { since });
    expect(eventsIn(sync)).toContainEqual({ type, content: {} });
    expect(eventsIn(await user.sync()).map((event) => event.type)).not.toContain(type);
  }

  const byDelete = (user: User, path: string) => user.ok('DELETE', `/unstable/org.matrix.msc3391${path}`);
  const byPut = (user: User, path: string) => user.ok('PUT', `/v3${path}`, {});

  test("Deleting a user's account data via DELETE works", () => removed('user', byDelete));
  test("Deleting a user's account data via PUT works", () => removed('user', byPut));
  test("Deleting a user's room data via DELETE works", () => removed('room', byDelete));
  test("Deleting a user's room account data via PUT works", () => removed('room', byPut));
});

describe('TestDeletingDeviceRemovesDeviceLocalNotificationSettings', () => {
  test("Deleting a user's device should delete any local notification settings entries from their account data", async () => {
    await needsFeature('org.matrix.msc3890');
    const user = await newUser();
    const phone = await logIn(user);
    const settings = `org.matrix.msc3890.local_notification_settings.${phone.deviceId}`;
    await phone.setAccountData(settings, { is_silenced: true });
    const path = p`/v3/user/${user.userId}/account_data/${settings}`;
    expect(await user.ok('GET', path)).toEqual({ is_silenced: true });
    const answer = await withPassword(user, 'DELETE', p`/v3/devices/${phone.deviceId}`, {});
    expect(answer.status).toBe(200);
    expect(await user.refusal('GET', path)).toEqual([404, 'M_NOT_FOUND']);
  });
});

testAnswersOf('msc3391 and msc3890');
