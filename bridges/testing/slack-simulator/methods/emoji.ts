import { currentTs } from '../timestamps.ts';
import type { WebApiMethod } from '../web-api-call.ts';

export const emojiMethods: Record<string, WebApiMethod> = {
  'emoji.list': {
    scopes: ['emoji:read'],
    tier: 2,
    run: (call) => ({
      emoji: Object.fromEntries(call.team.emoji),
      cache_ts: currentTs(call.world),
    }),
  },
};
