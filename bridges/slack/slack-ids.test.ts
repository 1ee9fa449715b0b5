import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareTs, isSlackTs, messageIdOf, msOfTs, parseMessageId, tsOfMs } from './slack-ids.ts';

test('a message id keeps all digits of its timestamp', () => {
  const ts = '1700000000.000001';
  expect(parseMessageId(messageIdOf('T1', 'C1', ts))).toEqual({ teamId: 'T1', channelId: 'C1', ts });
  expect(msOfTs('1700000000.123999')).toBe(1_700_000_000_123);
  expect(tsOfMs(1_700_000_000_007)).toBe('1700000000.007000');
});

test('nothing but ids and timestamps becomes part of an id', () => {
  for (const ts of ['1700000000', '1700000000.1', '1.7e9', '1700000000.123456 ', '../x', '']) {
    expect(isSlackTs(ts)).toBe(false);
    expect(() => messageIdOf('T1', 'C1', ts)).toThrow();
  }
  expect(() => messageIdOf('T1-x', 'C1', '1700000000.000001')).toThrow();
});

test('timestamps are ordered as numbers, to the last digit', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 99_999_999_999_999_999n), fc.bigInt(0n, 99_999_999_999_999_999n), (a, b) => {
      const text = (micros: bigint) =>
        `${micros / 1_000_000n}.${String(micros % 1_000_000n).padStart(6, '0')}`;
      expect(compareTs(text(a), text(b))).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
  );
});
