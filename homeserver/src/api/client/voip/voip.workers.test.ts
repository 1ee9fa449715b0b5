import { env } from 'cloudflare:workers';
import { createHmac } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import {
  call,
  makeTables,
  registerUser,
  type Signed,
} from '../../../../../test/harness/homeserver-worker.ts';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';
import type { Call, Requester } from '../../endpoint.ts';
import { getRtcTransports } from './getRtcTransports.ts';
import { getTurnServer } from './getTurnServer.ts';

const config = readConfig(env as unknown as Env);
let vera: Signed;

beforeAll(async () => {
  await makeTables();
  vera = await registerUser('vera');
});

test('credentials for TURN servers name their end and the user, and are signed', async () => {
  const { status, body } = await call('GET', '/v3/voip/turnServer', { token: vera.accessToken });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    uris: ['turn:turn.test?transport=udp', 'turns:turn.test'],
    ttl: 86_400,
  });
  const [end, ...user] = String(body.username).split(':');
  expect(Number(end)).toBeGreaterThan(Date.now() / 1000);
  expect(user.join(':')).toBe(vera.userId);
  const expected = createHmac('sha1', 'test-turn-secret').update(String(body.username)).digest('base64');
  expect(body.password).toBe(expected);
});

test('transports of calls are those of the configuration', async () => {
  for (const path of ['/v1/rtc/transports', '/unstable/org.matrix.msc4143/rtc/transports']) {
    const { body } = await call('GET', path, { token: vera.accessToken });
    expect(body).toEqual({
      rtc_transports: [{ type: 'livekit', livekit_service_url: 'https://rtc.test' }],
    });
  }
});

test('what is not configured is not offered, nor is anything without a token', async () => {
  const requester = { userId: vera.userId } as Requester;
  const bare = { config: { ...config, turn: undefined, rtcTransports: [] } } as unknown as Call<
    unknown,
    unknown
  >;
  expect(await getTurnServer.handler(bare, requester)).toEqual({});
  await expect(getRtcTransports.handler(bare, requester)).rejects.toMatchObject({
    status: 404,
    errcode: 'M_UNRECOGNIZED',
  });
  expect((await call('GET', '/v3/voip/turnServer')).status).toBe(401);
  expect((await call('GET', '/v1/rtc/transports')).status).toBe(401);
});
