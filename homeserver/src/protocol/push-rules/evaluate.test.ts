import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../matrix/json.ts';
import { creator, testRoom } from '../testing/room.ts';
import { version } from '../testing/versions.ts';
import { conditionHolds, type PushContext, type PushEvent, splitPath } from './conditions.ts';
import { defaultPushRules } from './default-rules.ts';
import { evaluatePushRules } from './evaluate.ts';
import type { PushRule, PushRuleset } from './push-rule.ts';

const me = '@me:one';
const room = testRoom(version('11'));

const context: PushContext = {
  userId: me,
  roomId: '!room:one',
  memberCount: 5,
  state: room.state(room.powerLevels({ users: { '@mod:one': 50 } })),
  version: room.version,
};

const message = (content: JsonObject, fields: Partial<PushEvent> = {}): PushEvent => ({
  type: 'm.room.message',
  sender: '@other:one',
  content: { msgtype: 'm.text', ...content },
  ...fields,
});

const quiet = { notify: false, highlight: false };
const plain = { notify: true, highlight: false };

describe('default rules', () => {
  const verdict = (event: PushEvent, more: Partial<PushContext> = {}) => {
    const { actions: _, ...rest } = evaluatePushRules(event, defaultPushRules(me), { ...context, ...more });
    return rest;
  };
  const mention = (mentions: JsonObject) => message({ body: 'hi', 'm.mentions': mentions });

  test('messages', () => {
    expect(verdict(message({ body: 'hi' }))).toEqual(plain);
    expect(verdict(message({ body: 'hi' }), { memberCount: 2 })).toEqual({ ...plain, sound: 'default' });
    expect(verdict(message({ body: 'hi' }, { type: 'm.room.encrypted' }))).toEqual(plain);
    expect(verdict(message({ body: 'hi' }, { type: 'm.room.encrypted' }), { memberCount: 2 })).toEqual({
      ...plain,
      sound: 'default',
    });
    expect(verdict(message({ body: 'hi' }, { type: 'other' }))).toEqual(quiet);
  });

  test('one’s own', () => {
    expect(verdict(message({ body: 'hi', 'm.mentions': { user_ids: [me] } }, { sender: me }))).toEqual(quiet);
  });

  test('notices, edits, reactions, server access', () => {
    expect(verdict(message({ msgtype: 'm.notice', body: 'hi' }))).toEqual(quiet);
    expect(verdict(message({ 'm.relates_to': { rel_type: 'm.replace' } }))).toEqual(quiet);
    expect(verdict(message({ 'm.relates_to': { rel_type: 'm.thread' } }))).toEqual(plain);
    expect(verdict(message({}, { type: 'm.reaction' }))).toEqual(quiet);
    expect(verdict(message({}, { type: 'm.room.server_acl', state_key: '' }))).toEqual(quiet);
  });

  test('mentions are intentional', () => {
    expect(verdict(mention({ user_ids: [me] }))).toEqual({ notify: true, highlight: true, sound: 'default' });
    expect(verdict(mention({ user_ids: ['@someone:one'] }))).toEqual(plain);
    expect(verdict(mention({ user_ids: me }))).toEqual(plain);
    const naming = { body: `hi ${me}, my name is Me`, 'm.mentions': {} };
    expect(verdict(message(naming), { displayName: 'Me' })).toEqual(plain);
  });

  test('clients that know no mentions mention by name', () => {
    const byName = { notify: true, highlight: true, sound: 'default' };
    expect(verdict(message({ body: `hi ${me}!` }))).toEqual(byName);
    expect(verdict(message({ body: 'is mean' }), { displayName: 'is mean' })).toEqual(plain);
  });

  test('a mention of the room needs the level', () => {
    expect(verdict(mention({ room: true }))).toEqual(plain);
    const byModerator = { ...mention({ room: true }), sender: '@mod:one' };
    expect(verdict(byModerator)).toEqual({ notify: true, highlight: true });
    expect(verdict({ ...byModerator, ...mention({ room: 'true' }), sender: '@mod:one' })).toEqual(plain);
    const newest = testRoom(version('12'));
    const byCreator = { ...mention({ room: true }), sender: creator };
    const state = newest.state(newest.powerLevels({ notifications: { room: 2 ** 53 - 1 } }));
    expect(verdict(byCreator, { state, version: newest.version })).toEqual({ notify: true, highlight: true });
  });

  test('invites and other membership', () => {
    const member = (stateKey: string, membership: string): PushEvent => ({
      type: 'm.room.member',
      sender: '@other:one',
      state_key: stateKey,
      content: { membership },
    });
    expect(verdict(member(me, 'invite'))).toEqual({ ...plain, sound: 'default' });
    expect(verdict(member('@someone:one', 'invite'))).toEqual(quiet);
    expect(verdict(member(me, 'ban'))).toEqual(quiet);
  });

  test('tombstones, calls, polls', () => {
    expect(verdict(message({}, { type: 'm.room.tombstone', state_key: '' }))).toEqual({
      notify: true,
      highlight: true,
    });
    expect(verdict(message({}, { type: 'm.room.tombstone' }))).toEqual(quiet);
    expect(verdict(message({}, { type: 'm.call.invite' }))).toEqual({ ...plain, sound: 'ring' });
    expect(verdict(message({}, { type: 'org.matrix.msc3381.poll.start' }))).toEqual(plain);
    expect(verdict(message({}, { type: 'org.matrix.msc3381.poll.response' }))).toEqual(quiet);
  });

  test('threads, once a client subscribes to any', () => {
    const inThread = (more: JsonObject = {}) =>
      message({ body: 'hi', 'm.relates_to': { rel_type: 'm.thread', event_id: '$root' }, ...more });
    const subscribed = { isSubscribed: (threadId: string) => threadId === '$root' };
    const unsubscribed = { isSubscribed: () => false };
    expect(verdict(inThread(), subscribed)).toEqual({ ...plain, sound: 'default' });
    expect(verdict(inThread(), unsubscribed)).toEqual(quiet);
    expect(verdict(inThread({ 'm.mentions': { user_ids: [me] } }), unsubscribed).highlight).toBe(true);
    expect(verdict(message({ body: 'hi' }), unsubscribed)).toEqual(plain);
    expect(verdict(inThread(), { isSubscribed: () => undefined })).toEqual(plain);
    expect(verdict(inThread())).toEqual(plain);
  });

  test('the master switch', () => {
    const rules = defaultPushRules(me);
    const [master] = rules.override;
    if (master) master.enabled = true;
    expect(evaluatePushRules(mention({ user_ids: [me] }), rules, context).notify).toBe(false);
  });
});

describe('rules of the user', () => {
  const none: PushRuleset = {
    override: [],
    content: [],
    postcontent: [],
    room: [],
    sender: [],
    underride: [],
  };
  const rule = (ruleId: string, actions: PushRule['actions'], more: Partial<PushRule> = {}): PushRule => ({
    rule_id: ruleId,
    default: false,
    enabled: true,
    actions,
    ...more,
  });
  const actionsOf = (rules: Partial<PushRuleset>, event = message({ body: 'Time for cake' })) =>
    evaluatePushRules(event, { ...none, ...rules }, context).actions;

  test('kinds are asked in their order', () => {
    const rules: PushRuleset = {
      override: [rule('o', [{ kind: 'override' }])],
      content: [rule('c', [{ kind: 'content' }], { pattern: 'CAKE' })],
      postcontent: [rule('p', [{ kind: 'postcontent' }])],
      room: [rule('!room:one', [{ kind: 'room' }])],
      sender: [rule('@other:one', [{ kind: 'sender' }])],
      underride: [rule('u', [{ kind: 'underride' }])],
    };
    for (const kind of ['override', 'content', 'postcontent', 'room', 'sender', 'underride'] as const) {
      expect(actionsOf(rules)).toEqual([{ kind }]);
      rules[kind] = rules[kind].map((each) => ({ ...each, enabled: false }));
    }
    expect(actionsOf(rules)).toEqual([]);
  });

  test('rules of another room, sender or word', () => {
    const rules = {
      content: [rule('c', ['notify'], { pattern: 'cak' }), rule('none', ['notify'])],
      room: [rule('!other:one', ['notify'])],
      sender: [rule('@someone:one', ['notify'])],
    };
    expect(actionsOf(rules)).toEqual([]);
  });

  test('the first that matches decides, also for silence', () => {
    const rules = { override: [rule('a', []), rule('b', ['notify'])] };
    expect(evaluatePushRules(message({}), { ...none, ...rules }, context)).toEqual({ ...quiet, actions: [] });
    expect(actionsOf({ override: [rule('a', ['dont_notify'])] })).toEqual(['dont_notify']);
  });

  test('tweaks', () => {
    const verdict = (actions: PushRule['actions']) =>
      evaluatePushRules(message({}), { ...none, override: [rule('a', actions)] }, context);
    expect(verdict(['notify', { set_tweak: 'highlight', value: false }])).toMatchObject(plain);
    expect(verdict(['notify', { set_tweak: 'highlight', value: true }]).highlight).toBe(true);
    expect(verdict(['notify', { set_tweak: 'sound', value: 'bing' }]).sound).toBe('bing');
    expect(verdict(['notify', { set_tweak: 'sound', value: 5 }]).sound).toBeUndefined();
    expect(verdict([{ set_tweak: 'highlight' }])).toMatchObject(quiet);
  });
});

describe('conditions', () => {
  const event: PushEvent = {
    type: 'm.room.topic',
    sender: '@other:one',
    state_key: '',
    content: {
      topic: 'Lunch plans',
      body: 'An Example event',
      'm.federate': true,
      'a\\b': 'x',
      count: 5,
      nothing: null,
      list: ['x', 5, null, { y: 1 }],
      inner: { deep: 'z' },
    },
  };
  const is = (key: string, value: unknown) => ({ kind: 'event_property_is', key, value });
  const contains = (key: string, value: unknown) => ({ kind: 'event_property_contains', key, value });
  const matches = (key: string, pattern: unknown) => ({ kind: 'event_match', key, pattern });
  const count = (text: unknown) => ({ kind: 'room_member_count', is: text });

  test.each<[object, boolean]>([
    [matches('content.topic', 'lunc?*'), true],
    [matches('content.topic', 'lunch'), false],
    [matches('content.body', 'ex*ple'), true],
    [matches('content.body', 'xample'), false],
    [matches('content.missing', '*'), false],
    [matches('content.count', '*'), false],
    [matches('content.nothing', '*'), false],
    [matches('content.inner.deep', 'Z'), true],
    [matches('content.topic.length', '*'), false],
    [matches('content.constructor', '*'), false],
    [matches('room_id', '!room:one'), true],
    [matches('type', 5), false],
    [is('content.m\\.federate', true), true],
    [is('content.m.federate', true), false],
    [is('content.m\\.federate', 'true'), false],
    [is('content.m\\.federate', 1), false],
    [is('content.a\\\\b', 'x'), true],
    [is('content.count', 5), true],
    [is('content.nothing', null), true],
    [is('content.missing', null), false],
    [is('content.missing', undefined), false],
    [is('content.topic', 'lunch plans'), false],
    [is('content.list', ['x']), false],
    [contains('content.list', 'x'), true],
    [contains('content.list', 5), true],
    [contains('content.list', null), true],
    [contains('content.list', '5'), false],
    [contains('content.topic', 'L'), false],
    [contains('content.missing', 'x'), false],
    [count('5'), true],
    [count('==5'), true],
    [count('<5'), false],
    [count('<=5'), true],
    [count('>4'), true],
    [count('>=6'), false],
    [count('=5'), false],
    [count(' 5'), false],
    [count(5), false],
    [{ kind: 'contains_display_name' }, false],
    [{ kind: 'sender_notification_permission' }, false],
    [{ kind: 'unheard' }, false],
    [{}, false],
  ])('%j: %s', (condition, expected) => {
    expect(conditionHolds(condition as JsonObject, event, context)).toBe(expected);
  });

  test('contains_display_name', () => {
    const holds = (displayName: string, body: string) =>
      conditionHolds({ kind: 'contains_display_name' }, message({ body }), { ...context, displayName });
    expect(holds('Me', 'hello ME!')).toBe(true);
    expect(holds('Me', 'some')).toBe(false);
    expect(holds('', 'x')).toBe(false);
    expect(holds('*', 'x')).toBe(false);
  });

  test('paths', () => {
    expect(splitPath('content.m\\.a\\\\.b\\c')).toEqual(['content', 'm.a\\', 'b\\c']);
    expect(splitPath('a..b')).toEqual(['a', '', 'b']);
    expect(splitPath('a\\')).toEqual(['a\\']);
  });
});
