import { expect, test } from 'vitest';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import { isGatewayUrl, notifyGateway } from './push-gateway.ts';

const url = 'https://push.example.org/_matrix/push/v1/notify';
const config = { pushGatewayHosts: ['10.0.0.5'] } as unknown as Config;

/** The way to public addresses, as a gateway that answers this. */
function internet(answer: () => Response): { env: Env; requests: { url: string; init: RequestInit }[] } {
  const requests: { url: string; init: RequestInit }[] = [];
  const fetch = async (address: string, init: RequestInit) => {
    requests.push({ url: address, init });
    return answer();
  };
  return { env: { PUBLIC_INTERNET: { fetch } } as unknown as Env, requests };
}

const notify = (env: Env, address = url) => notifyGateway(env, config, address, 'key', { devices: [] });

test('what a gateway says decides', async () => {
  const outcome = async (response: () => Response) => (await notify(internet(response).env)).kind;
  expect(await outcome(() => Response.json({ rejected: [] }))).toBe('delivered');
  expect(await outcome(() => Response.json({ rejected: ['another'] }))).toBe('delivered');
  expect(await outcome(() => Response.json({ rejected: ['another', 'key'] }))).toBe('rejected');
  expect(await outcome(() => new Response('fine'))).toBe('delivered');
  expect(await outcome(() => Response.json({ rejected: ['key'] }, { status: 500 }))).toBe('failed');
  expect(await outcome(() => new Response('x'.repeat(100_000)))).toBe('failed');
  expect(await outcome(() => Promise.reject(new TypeError('no connection')) as never)).toBe('failed');
});

test('a redirect is not followed, and a forbidden address never asked', async () => {
  const location = 'https://elsewhere.example.org/_matrix/push/v1/notify';
  const moved = internet(() => new Response(null, { status: 307, headers: { location } }));
  expect((await notify(moved.env)).kind).toBe('failed');
  expect(moved.requests.map((request) => request.url)).toEqual([url]);
  expect(moved.requests[0]?.init).toMatchObject({ method: 'POST', body: '{"notification":{"devices":[]}}' });

  // It was allowed when the pusher was set, say.
  const open = internet(() => Response.json({ rejected: [] }));
  expect((await notify(open.env, 'https://10.0.0.6/_matrix/push/v1/notify')).kind).toBe('failed');
  expect(open.requests).toEqual([]);
});

test('hosts of the owner’s choice may be private, without TLS', () => {
  expect(isGatewayUrl('http://10.0.0.5:8080/_matrix/push/v1/notify', config)).toBe(true);
  expect(isGatewayUrl('http://10.0.0.6:8080/_matrix/push/v1/notify', config)).toBe(false);
  expect(isGatewayUrl('ftp://10.0.0.5/_matrix/push/v1/notify', config)).toBe(false);
  expect(isGatewayUrl(`${url}?key=1`, config)).toBe(true);
});
