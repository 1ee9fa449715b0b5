import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asChatId, asMessageId } from '../core/remote-ids.ts';
import {
  channelChat,
  compareSnowflakes,
  guildChat,
  messageName,
  parseChat,
  parseMessageName,
  parseSnowflake,
  snowflake,
  snowflakeAt,
  snowflakeMs,
} from './snowflake.ts';

test('the example of the documentation', () => {
  expect(snowflakeMs(snowflake('175928847299117063'))).toBe(1_462_015_105_796);
});

test('what is no snowflake is refused', () => {
  for (const text of [
    '',
    '0',
    '01',
    '-1',
    '1.5',
    '1e9',
    ' 1',
    '1 ',
    'x',
    '123456789012345678901',
    5,
    null,
    undefined,
  ]) {
    expect(parseSnowflake(text)).toBeUndefined();
  }
});

const ids = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((value) => snowflake(value.toString()));

test('ids are compared by age and dated', () => {
  fc.assert(
    fc.property(ids, ids, (a, b) => {
      expect(Math.sign(compareSnowflakes(a, b))).toBe(
        BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0,
      );
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1_420_070_400_001, max: 4_000_000_000_000 }), (ms) => {
      expect(snowflakeMs(snowflakeAt(ms))).toBe(ms);
    }),
  );
});

test('names are read as they were made', () => {
  fc.assert(
    fc.property(ids, ids, (channelId, messageId) => {
      expect(parseMessageName(messageName({ channelId, messageId }))).toEqual({ channelId, messageId });
      expect(parseChat(channelChat(channelId))).toEqual({ kind: 'channel', id: channelId });
      expect(parseChat(guildChat(channelId))).toEqual({ kind: 'guild', id: channelId });
    }),
  );
  expect(() => parseChat(asChatId('x'))).toThrow();
  expect(() => parseMessageName(asMessageId('1'))).toThrow();
});
