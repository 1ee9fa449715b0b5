import { expect, test } from 'vitest';
import type { BridgeConfig } from './config.ts';
import { isGhost, isOwnUser } from './ghost-names.ts';

const config = { homeserverName: 'roost.test', botUserId: '@slackbot:roost.test' } as BridgeConfig;

test.each([
  ['@slack_t1-u1:roost.test', 'ghost'],
  ['@slackbot:roost.test', 'bot'],
  ['@slack_t1-u1:elsewhere.test', 'stranger'],
  ['@discord_1:roost.test', 'stranger'],
  ['@olive:roost.test', 'stranger'],
])('%s is a %s', (userId, kind) => {
  expect(isGhost('slack', userId, config)).toBe(kind === 'ghost');
  expect(isOwnUser('slack', userId, config)).toBe(kind !== 'stranger');
});
