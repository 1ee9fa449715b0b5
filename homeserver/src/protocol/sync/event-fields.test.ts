import { expect, test } from 'vitest';
import { parseEventFields, selectFields, selectInAnswer } from './event-fields.ts';

const event = {
  type: 'm.room.message',
  sender: '@a:b',
  content: { body: 'hello', msgtype: 'm.text', 'm.relates_to': { key: 'x', event_id: '$1' }, 'a\\b': 1 },
  unsigned: { age: 1 },
};

test.each([
  [['type'], { type: event.type }],
  [['content.body', 'type'], { type: event.type, content: { body: 'hello' } }],
  [['content'], { content: event.content }],
  [['content', 'content.body'], { content: event.content }],
  [['content.body', 'content'], { content: event.content }],
  [['content.body', 'content.msgtype'], { content: { body: 'hello', msgtype: 'm.text' } }],
  [['content.m\\.relates_to.key'], { content: { 'm.relates_to': { key: 'x' } } }],
  [
    ['content.m\\.relates_to.key', 'content.m\\.relates_to.event_id'],
    { content: { 'm.relates_to': { key: 'x', event_id: '$1' } } },
  ],
  [['content.m.relates_to'], {}],
  [['content.a\\\\b'], { content: { 'a\\b': 1 } }],
  [['content.a\\b'], { content: { 'a\\b': 1 } }],
  [['content.body.deeper', 'nothing', 'type.x', '', '.'], {}],
  [[], {}],
])('%j', (fields, expected) => {
  expect(selectFields(event, parseEventFields(fields))).toEqual(expected);
});

test('names that objects have by themselves are ordinary names', () => {
  const strange = JSON.parse('{"__proto__":{"constructor":1,"x":2},"type":"t"}');
  const selected = selectFields(strange, parseEventFields(['__proto__.constructor', 'toString']));
  expect(JSON.stringify(selected)).toBe('{"__proto__":{"constructor":1}}');
});

test('of an answer, the events of rooms are cut, and nothing else', () => {
  const events = () => [structuredClone(event)];
  const answer = {
    next_batch: 's1',
    rooms: {
      join: {
        '!a': { timeline: { events: events(), limited: false }, state: { events: events() }, summary: {} },
        '!b': { state_after: { events: events() }, ephemeral: { events: events() } },
      },
      leave: { '!c': { timeline: { events: events() } } },
      invite: { '!d': { invite_state: { events: events() } } },
    },
    account_data: { events: events() },
  };
  const cut = { events: [{ type: event.type }] };
  const whole = { events: [event] };
  selectInAnswer(answer, []);
  expect(answer.rooms.leave['!c'].timeline).toEqual(whole);
  selectInAnswer(answer, ['type']);
  expect(answer).toEqual({
    next_batch: 's1',
    rooms: {
      join: {
        '!a': { timeline: { ...cut, limited: false }, state: cut, summary: {} },
        '!b': { state_after: cut, ephemeral: whole },
      },
      leave: { '!c': { timeline: cut } },
      invite: { '!d': { invite_state: whole } },
    },
    account_data: whole,
  });
});
