import { ok, type Route } from './rest-call.ts';

const resetAfterMs = 24 * 3600 * 1000;

export const gatewayRoutes: Route[] = [
  {
    operationId: 'get_gateway',
    method: 'GET',
    path: '/gateway',
    auth: 'path',
    run: (call) => ok({ url: `${call.world.origin.replace('http', 'ws')}/gateway` }),
  },
  {
    operationId: 'get_bot_gateway',
    method: 'GET',
    path: '/gateway/bot',
    auth: 'bot',
    run: (call) =>
      ok({
        url: `${call.world.origin.replace('http', 'ws')}/gateway`,
        shards: 1,
        session_start_limit: {
          total: 1000,
          remaining: call.application.identifiesLeft,
          reset_after: resetAfterMs,
          max_concurrency: 1,
        },
      }),
  },
];
