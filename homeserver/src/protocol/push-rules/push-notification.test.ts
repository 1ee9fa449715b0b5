import { expect, test } from 'vitest';
import { problemsOf } from '../../../../test/harness/push-gateway.ts';
import { pushNotification, testNotification } from './push-notification.ts';

const url = 'https://push.example/_matrix/push/v1/notify';
const pusher = (data: object) => ({
  appId: 'app',
  pushkey: 'key',
  setMs: 1_700_000_000_999,
  details: { lang: 'en', data: { url, ...data } },
});
const pushed = {
  eventId: '$e',
  roomId: '!r:one',
  high: false,
  tweaks: { highlight: true },
  shown: {
    type: 'm.room.message',
    sender: '@bob:one',
    content: { body: 'hi' },
    isAboutUser: false,
    senderName: 'Bob',
  },
};

test('full form', () => {
  expect(pushNotification(pusher({ custom: 1 }), 2, pushed)).toEqual({
    event_id: '$e',
    room_id: '!r:one',
    prio: 'low',
    type: 'm.room.message',
    sender: '@bob:one',
    content: { body: 'hi' },
    user_is_target: false,
    sender_display_name: 'Bob',
    counts: { unread: 2 },
    devices: [
      {
        app_id: 'app',
        pushkey: 'key',
        pushkey_ts: 1_700_000_000,
        data: { custom: 1 },
        tweaks: { highlight: true },
      },
    ],
  });
});

test('ids alone, without content and tweaks', () => {
  const notification = pushNotification(pusher({ format: 'event_id_only' }), 2, pushed);
  expect(Object.keys(notification)).toEqual(['event_id', 'room_id', 'prio', 'counts', 'devices']);
  expect(JSON.stringify(notification)).not.toMatch(/tweaks|hi|push\.example/);
});

test('every form is one that the push gateway API allows', () => {
  for (const data of [{}, { format: 'event_id_only' }]) {
    for (const notification of [
      pushNotification(pusher(data), 0),
      pushNotification(pusher(data), 1, pushed),
      testNotification(pusher(data)),
    ]) {
      expect(problemsOf({ notification })).toEqual([]);
    }
  }
  expect(problemsOf({ notification: { devices: [{ app_id: 'app' }] } })).toHaveLength(1);
});
