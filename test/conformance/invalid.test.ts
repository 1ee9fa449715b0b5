import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { call, p } from './lib/http.ts';
import { newName, newUser } from './lib/register.ts';

const setting = shared(async () => {
  const user = await newUser();
  return { user, roomId: await user.createRoom({ room_version: '6' }) };
});

/** Sends an event whose content is written as it is. */
async function sendRaw(content: string): Promise<[number, unknown]> {
  const { user, roomId } = await setting();
  const path = p`/v3/rooms/${roomId}/send/complement.dummy/${newName('txn')}`;
  const { status, body } = await call('PUT', path, { token: user.accessToken, raw: content });
  return [status, body.errcode];
}

describe('TestJson', () => {
  test('Invalid numerical values', async () => {
    for (const value of ['9007199254740992', '-9007199254740992', '1.1', '{"deep": [0.5]}']) {
      const answer = await sendRaw(`{"body": ${value}}`);
      expect([value, ...answer]).toEqual([value, 400, 'M_BAD_JSON']);
    }
    expect((await sendRaw('{"body": 9007199254740991}'))[0]).toBe(200);
  });

  test('Invalid JSON special values', async () => {
    for (const value of ['Infinity', '-Infinity', 'NaN']) {
      const answer = await sendRaw(`{"body": ${value}}`);
      expect([value, answer[0]]).toEqual([value, 400]);
      expect(['M_NOT_JSON', 'M_BAD_JSON']).toContain(answer[1]);
    }
  });
});

test('TestFilter', async () => {
  const { user } = await setting();
  const filters: unknown[] = [
    { presence: 'not_an_object' },
    { room: { timeline: 'not_an_object' } },
    { room: { rooms: 'not_a_list' } },
    { room: { timeline: { rooms: 'not_a_list' } } },
    { room: { timeline: { not_rooms: ['not_a_room_id'] } } },
    { room: { timeline: { senders: ['not_a_user_id'] } } },
    { room: { timeline: { types: 1 } } },
    { room: { timeline: { types: [1] } } },
    { event_format: 'neither' },
  ];
  for (const filter of filters) {
    const { status } = await user.call('POST', p`/v3/user/${user.userId}/filter`, filter);
    expect([JSON.stringify(filter), status]).toEqual([JSON.stringify(filter), 400]);
  }
});

describe('TestEvent', () => {
  const large = 'and they dont stop coming '.repeat(2700);

  test('Large Event', async () => {
    const { user, roomId } = await setting();
    const path = p`/v3/rooms/${roomId}/send/m.room.message/${newName('txn')}`;
    expect(await user.refusal('PUT', path, { msgtype: 'm.text', body: large })).toEqual([413, 'M_TOO_LARGE']);
  });

  test('Large State Event', async () => {
    const { user, roomId } = await setting();
    const path = p`/v3/rooms/${roomId}/state/org.example.large/key`;
    expect(await user.refusal('PUT', path, { body: large })).toEqual([413, 'M_TOO_LARGE']);
  });
});

testAnswersOf('invalid');
