import { expect, test } from 'vitest';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import { forwardToBridge } from './bridges.ts';

test('method, path, query, headers and body arrive as they came, and so does the answer', async () => {
  let seen: Request | undefined;
  const env = {
    SLACK_BRIDGE: {
      fetch: async (request: Request, init: RequestInit) => {
        seen = new Request(request, init);
        return new Response(null, { status: 302, headers: { location: 'https://slack.test/' } });
      },
    },
  } as unknown as Env;
  const config = { appserviceServices: { slack: 'SLACK_BRIDGE' } } as unknown as Config;
  const request = new Request('https://roost.test/_bridge/slack/events?a=%20b', {
    method: 'POST',
    headers: { 'x-slack-signature': 'v0=abc', 'content-type': 'application/json' },
    body: '{ "raw":  1 }',
  });
  const response = await forwardToBridge(request, 'slack', env, config);
  expect(response.status).toBe(302);
  expect(seen?.method).toBe('POST');
  expect(seen?.url).toBe('https://roost.test/_bridge/slack/events?a=%20b');
  expect(seen?.headers.get('x-slack-signature')).toBe('v0=abc');
  expect(seen?.redirect).toBe('manual');
  expect(await seen?.text()).toBe('{ "raw":  1 }');
});
