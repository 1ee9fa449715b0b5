import { expect, test } from 'vitest';
import type { ClientEvent } from '../../../../matrix/events.ts';
import { receiptEvent } from './receipt-event.ts';
import { parseRequiredState, wantsAllMembers, wantsState } from './required-state.ts';
import { showEvent } from './shown-event.ts';
import { combineConfigs } from './sliding-request.ts';
import { formatSlidingToken, parseSlidingToken } from './sliding-token.ts';
import { formatSyncToken, parseSyncToken } from './sync-token.ts';

test('sync tokens are ours, of this storage, and not from the future', () => {
  const token = { position: 12, toDevicePosition: 12 };
  expect(formatSyncToken(token, 'ab')).toBe('s12.ab');
  expect(parseSyncToken('s12.ab', 'ab', 12)).toEqual(token);
  expect(parseSyncToken('s12.ab.t7', 'ab', 12)).toEqual({ position: 12, toDevicePosition: 7 });
  expect(formatSyncToken({ position: 12, toDevicePosition: 7 }, 'ab')).toBe('s12.ab.t7');
  for (const text of ['s13.ab', 's12.cd', 's-1.ab', 's12', 'p12', '', 's1e1.ab']) {
    expect([text, parseSyncToken(text, 'ab', 12)]).toEqual([text, undefined]);
  }
  const pos = { connection: 3, seq: 4, position: 5 };
  expect(parseSlidingToken(formatSlidingToken(pos, 'ab'), 'ab', 5)).toEqual(pos);
  expect(parseSlidingToken(formatSlidingToken(pos, 'ab'), 'ab', 4)).toBe(undefined);
  expect(parseSlidingToken(formatSlidingToken(pos, 'ab'), 'cd', 5)).toBe(undefined);
});

test('required state: wildcards, $ME and $LAZY', () => {
  const me = '@me:x';
  const some = parseRequiredState(
    [
      ['m.room.name', ''],
      ['m.space.child', '*'],
      ['*', 'key'],
      ['m.room.member', '$ME'],
      ['m.room.member', '$LAZY'],
    ],
    me,
  );
  expect(some.lazyMembers).toBe(true);
  expect(wantsState(some, 'm.room.name', '')).toBe(true);
  expect(wantsState(some, 'm.room.name', 'other')).toBe(false);
  expect(wantsState(some, 'm.space.child', '!a:x')).toBe(true);
  expect(wantsState(some, 'anything', 'key')).toBe(true);
  expect(wantsState(some, 'm.room.member', me)).toBe(true);
  expect(wantsState(some, 'm.room.member', '@other:x')).toBe(false);
  expect(wantsAllMembers(some)).toBe(false);
  const all = parseRequiredState([['*', '*']], me);
  expect(wantsState(all, 'm.room.member', '@other:x')).toBe(true);
  expect(wantsAllMembers(all)).toBe(true);
  const lazily = parseRequiredState(
    [
      ['*', '*'],
      ['m.room.member', '$LAZY'],
    ],
    me,
  );
  expect(wantsState(lazily, 'm.room.member', '@other:x')).toBe(false);
  expect(wantsState(lazily, 'm.room.topic', '')).toBe(true);
});

test('configurations combine to the highest limit and the union of state, in one order', () => {
  const a = {
    timelineLimit: 1,
    requiredState: [
      ['x', ''],
      ['y', ''],
    ] as [string, string][],
  };
  const b = {
    timelineLimit: 20,
    requiredState: [
      ['y', ''],
      ['a', ''],
    ] as [string, string][],
  };
  const expected = {
    timelineLimit: 20,
    requiredState: [
      ['a', ''],
      ['x', ''],
      ['y', ''],
    ],
  };
  expect(combineConfigs([a, b])).toEqual(expected);
  expect(combineConfigs([b, a])).toEqual(expected);
});

test('MSC4102: of two receipts of a user for an event, the unthreaded one is shown', () => {
  const receipt = { userId: '@a:x', type: 'm.read', eventId: '$e' };
  const threaded = { ...receipt, threadId: '$t', ts: 2 };
  const unthreaded = { ...receipt, threadId: '', ts: 1 };
  for (const both of [
    [threaded, unthreaded],
    [unthreaded, threaded],
  ]) {
    expect(receiptEvent(both).content).toEqual({ $e: { 'm.read': { '@a:x': { ts: 1 } } } });
  }
});

test('of two threaded receipts of a user for an event, the newer one is shown, in whatever order they come', () => {
  const receipt = { userId: '@a:x', type: 'm.read', eventId: '$e' };
  const older = { ...receipt, threadId: 'main', ts: 1 };
  const newer = { ...receipt, threadId: '$e', ts: 2 };
  for (const both of [
    [older, newer],
    [newer, older],
  ]) {
    const shown = { ts: 2, thread_id: '$e' };
    expect(receiptEvent(both).content).toEqual({ $e: { 'm.read': { '@a:x': shown } } });
  }
});

test('shown events have an age, no room, and a transaction id for their sender alone', () => {
  const event = {
    event_id: '$e',
    room_id: '!r:x',
    type: 't',
    sender: '@a:x',
    origin_server_ts: 100,
    content: {},
    unsigned: { prev_content: {}, transaction_id: 'stale' },
  } as unknown as ClientEvent;
  const sent = { txnDeviceId: 'D', txnId: 'txn' };
  const shown = showEvent(event, { deviceId: 'D', nowMs: 150 }, sent);
  expect(shown.unsigned).toEqual({ prev_content: {}, age: 50, transaction_id: 'txn' });
  expect(shown).not.toHaveProperty('room_id');
  expect(showEvent(event, { deviceId: 'E', nowMs: 50 }, sent).unsigned).toEqual({ prev_content: {}, age: 0 });
});
