import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, timelineOf } from './lib/events.ts';
import { ok, p } from './lib/http.ts';
import { logIn, newUser } from './lib/register.ts';
import { User } from './lib/user.ts';

const text = { msgtype: 'm.text', body: 'Hello' };

async function transactionIn(user: User, roomId: string, eventId: string): Promise<unknown> {
  const sync = await user.syncUntil('the message', hasEvent(roomId, eventId));
  return timelineOf(sync, roomId).find((event) => event.event_id === eventId)?.unsigned?.transaction_id;
}

test('TestTxnInEvent', async () => {
  const user = await newUser();
  const roomId = await user.createRoom();
  const eventId = await user.send(roomId, 'm.room.message', text, 'txn-in-event');
  const event = await user.ok('GET', p`/v3/rooms/${roomId}/event/${eventId}`);
  expect(event).toMatchObject({ unsigned: { transaction_id: 'txn-in-event' } });
});

test('TestTxnScopeOnLocalEcho', async () => {
  const user = await newUser();
  const phone = await logIn(user);
  const roomId = await user.createRoom();
  const eventId = await user.send(roomId, 'm.room.message', text, 'echo');
  expect(await transactionIn(user, roomId, eventId)).toBe('echo');
  expect(await transactionIn(phone, roomId, eventId)).toBeUndefined();
});

test('TestTxnIdempotencyScopedToDevice', async () => {
  const user = await newUser();
  const phone = await logIn(user, { device_id: 'PHONE' });
  const roomId = await user.createRoom();
  const eventId = await phone.send(roomId, 'm.room.message', text, 'same');
  // The device logs in anew, and repeats what it does not know the answer to.
  const again = await logIn(user, { device_id: 'PHONE' });
  expect(await again.send(roomId, 'm.room.message', text, 'same')).toBe(eventId);
});

test('TestTxnIdempotency', async () => {
  const user = await newUser();
  const phone = await logIn(user);
  const roomId = await user.createRoom();
  const otherRoom = await user.createRoom();
  const first = await user.send(roomId, 'm.room.message', text, 'txn');
  expect(await user.send(roomId, 'm.room.message', text, 'txn')).toBe(first);
  const others = [
    await user.send(otherRoom, 'm.room.message', text, 'txn'),
    await phone.send(roomId, 'm.room.message', text, 'txn'),
    await user.send(roomId, 'm.room.message', text, 'another'),
  ];
  expect(new Set([first, ...others]).size).toBe(4);
});

test('The type of an event is a part of what a transaction id is for', async () => {
  const user = await newUser();
  const roomId = await user.createRoom();
  const first = await user.send(roomId, 'm.room.message', text, 'txn');
  expect(await user.send(roomId, 'org.example.other', text, 'txn')).not.toBe(first);
});

test('TestTxnIdWithRefreshToken', async () => {
  const user = await newUser();
  const login = await ok<{ user_id: string; access_token: string; device_id: string; refresh_token: string }>(
    'POST',
    '/v3/login',
    {
      body: {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: user.userId },
        password: user.password,
        refresh_token: true,
      },
    },
  );
  const device = new User(login, user.password);
  const roomId = await device.createRoom();
  const eventId = await device.send(roomId, 'm.room.message', text, 'over the refresh');
  const refreshed = await ok<{ access_token: string }>('POST', '/v3/refresh', {
    body: { refresh_token: login.refresh_token },
  });
  device.accessToken = refreshed.access_token;
  expect(await device.send(roomId, 'm.room.message', text, 'over the refresh')).toBe(eventId);
  expect(await transactionIn(device, roomId, eventId)).toBe('over the refresh');
});

testAnswersOf('txnid');
