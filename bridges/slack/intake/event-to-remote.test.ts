import fc from 'fast-check';
import { expect, test } from 'vitest';
import { effectsOf } from './event-to-remote.ts';

const read = (event: object) => effectsOf('T1', 'U1', event);
const message = { type: 'message', channel: 'C1', user: 'U2', text: 'hi', ts: '1700000000.000001' };
const change = (before: object, after: object) => ({
  type: 'message',
  subtype: 'message_changed',
  channel: 'C1',
  ts: '1700000009.000001',
  event_ts: '1700000009.000001',
  message: { ...message, ...after },
  previous_message: { ...message, ...before },
});

test('messages of people, apps and integrations', () => {
  expect(read(message)).toEqual([
    {
      kind: 'remote',
      event: {
        kind: 'message',
        chatId: 'T1-C1',
        messageId: 'T1-C1-1700000000.000001',
        timestampMs: 1_700_000_000_000,
        sender: { userId: 'T1-U2' },
        raw: { type: 'message', user: 'U2', text: 'hi', ts: '1700000000.000001' },
      },
    },
  ]);
  const icons = { image_48: 'https://a.slack-edge.com/x.png' };
  const hook = { ...message, user: undefined, subtype: 'bot_message', bot_id: 'B1', username: 'CI', icons };
  expect(read(hook)).toMatchObject([
    { event: { sender: { userId: 'T1-B1', as: { name: 'CI', avatarUrl: icons.image_48 } } } },
  ]);
  const reply = { ...message, thread_ts: '1600000000.000001', subtype: 'thread_broadcast' };
  expect(read(reply)).toMatchObject([{ event: { threadRoot: 'T1-C1-1600000000.000001' } }]);
  expect(read({ ...message, thread_ts: message.ts })[0]).not.toHaveProperty('event.threadRoot');
});

test('our own posts carry their mark, if it has our form', () => {
  const metadata = (id: unknown) => ({ event_type: 'roost_message', event_payload: { id } });
  expect(read({ ...message, metadata: metadata('a'.repeat(24)) })).toMatchObject([
    { event: { mark: 'a'.repeat(24) } },
  ]);
  expect(read({ ...message, metadata: metadata('x') })[0]).not.toHaveProperty('event.mark');
  expect(
    read({ ...message, metadata: { event_type: 'x', event_payload: { id: 'a'.repeat(24) } } })[0],
  ).not.toHaveProperty('event.mark');
});

test('changes that show nothing new are no edits', () => {
  const blocks = (id: string, text: string) => [
    { type: 'rich_text', block_id: id, elements: [{ type: 'text', text }] },
  ];
  expect(read(change({ blocks: blocks('a', 'x') }, { blocks: blocks('b', 'x') }))).toEqual([]);
  expect(read(change({}, { attachments: [{ from_url: 'https://x.test', title: 'X' }] }))).toEqual([]);
  expect(
    read(change({ text: 'hi' }, { text: 'ho', edited: { user: 'U2', ts: '1700000008.000000' } })),
  ).toMatchObject([
    { event: { kind: 'edit', version: '1700000008.000000', messageId: 'T1-C1-1700000000.000001' } },
  ]);
  expect(read(change({}, { subtype: 'tombstone' }))).toMatchObject([{ event: { kind: 'remove' } }]);
});

test('names, topics and memberships resync the chat; strangers’ joins mean nothing', () => {
  const event_ts = '1700000001.000001';
  const joined = (user: string) => ({ type: 'member_joined_channel', user, channel: 'C1', event_ts });
  expect(read(joined('U1'))).toMatchObject([{ event: { kind: 'chatResync', chatId: 'T1-C1' } }]);
  expect(read(joined('U2'))).toEqual([]);
  expect(read({ ...message, subtype: 'channel_topic' })).toMatchObject([{ event: { kind: 'chatResync' } }]);
  expect(read({ ...message, subtype: 'channel_join' })).toEqual([]);
  expect(read({ type: 'channel_rename', channel: { id: 'C1', name: 'x' }, event_ts })).toMatchObject([
    { event: { chatId: 'T1-C1' } },
  ]);
  expect(read({ type: 'team_rename', name: 'x', event_ts })).toMatchObject([{ event: { chatId: 'T1' } }]);
  expect(read({ type: 'channel_left', channel: 'C1', event_ts })).toEqual([
    { kind: 'left', channelId: 'C1' },
  ]);
  expect(read({ type: 'tokens_revoked', tokens: { oauth: ['U1'] } })).toEqual([
    { kind: 'revoked', reason: 'token_revoked' },
  ]);
  expect(read({ type: 'tokens_revoked', tokens: { oauth: ['U2'] } })).toEqual([]);
  expect(read({ type: 'something_new' })).toEqual([]);
});

test('whatever is malformed throws or means nothing, and no id is made of it', () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.jsonValue(),
    fc.constantFrom('C1-x', '../C1', '1700000000.1', null, 5),
  );
  const types = fc.constantFrom(
    'message',
    'reaction_added',
    'member_joined_channel',
    'channel_rename',
    'user_change',
  );
  const event = fc.record({
    type: types,
    channel: hostile,
    ts: hostile,
    user: hostile,
    item: hostile,
    subtype: hostile,
    message: hostile,
  });
  fc.assert(
    fc.property(event, (value) => {
      let effects: unknown[] = [];
      try {
        effects = read(value);
      } catch {
        return;
      }
      const ids = JSON.stringify(effects).match(/"(?:chatId|messageId|userId)":"[^"]*"/g) ?? [];
      for (const id of ids) expect(id).toMatch(/:"[A-Z0-9]+(?:-[A-Z0-9]+(?:-[0-9]+\.[0-9]{6})?)?"$/);
    }),
  );
});
