import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Env } from '../env.ts';
import { makeApp } from './app.ts';
import { allowances } from './rate-limit.ts';
import { routes } from './routes.ts';

const spec = path.resolve(import.meta.dirname, '../../../test/specs/matrix/client-server.json');
const { operations } = JSON.parse(readFileSync(spec, 'utf8')) as {
  operations: Record<string, { operationId: string; responses: Record<string, unknown> }>;
};

/** Clients read the whole backup after a log-in, key by key: the specification's 429 would lose them some. */
const unlimited = [
  ...['getRoomKeysVersionCurrent', 'getRoomKeysVersion'],
  ...['getRoomKeys', 'getRoomKeysByRoomId', 'getRoomKeyBySessionId'],
];

test('whatever the specification says is rate-limited has a limit, but the reading of key backups', () => {
  const without = routes
    .filter(({ rateLimit }) => (rateLimit ?? 'none') === 'none')
    .filter(({ method, paths }) =>
      paths.some((each) => operations[`${method} ${each}`]?.responses['429'] !== undefined),
    )
    .map(({ operationId }) => operationId);
  expect(without.sort()).toEqual(unlimited.sort());
});

/** As few settings as there can be. What is asked for stops at the limit, or before any object. */
const env = {
  SERVER_NAME: 'roost.test',
  PUBLIC_BASE_URL: 'https://roost.test',
  DEFAULT_ROOM_VERSION: '12',
  OPEN_REGISTRATION: '0',
  RATE_LIMITS: 'on',
  PASSWORD_POLICY: 'on',
  APPSERVICE_SERVICES: '{}',
  APPSERVICE_REGISTRATIONS: '[]',
  SIGNING_KEY: 'ed25519 test YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1',
  ENCRYPTION_KEY: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY',
  ADMIN_TOKEN: 'test-admin-token-test-admin-token-test',
} as unknown as Env;

afterEach(() => void vi.useRealTimers());

test('every endpoint that has a limit answers 429 over it, with the time to wait, and answers again then', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const app = makeApp(routes);
  const limited = routes.filter(({ rateLimit }) => rateLimit !== undefined && rateLimit !== 'none');
  const ask = ({ method, paths }: (typeof routes)[number]) =>
    app.request(paths[0].replace(/\{[^}]+\}/g, 'x'), { method }, env);
  /** One of each kind that refuses who shows no token. */
  const guarded = ['login', 'send', 'default'].map((kind) =>
    limited.find(({ rateLimit, auth }) => rateLimit === kind && auth === 'accessToken'),
  );
  for (const endpoint of guarded) {
    if (!endpoint) throw new Error('a kind of limit without an endpoint');
    const { requests } = allowances[endpoint.rateLimit as 'login' | 'send' | 'default'];
    for (let count = 0; count < requests; count += 1) expect((await ask(endpoint)).status).toBe(401);
  }
  const wrong: string[] = [];
  for (const endpoint of limited) {
    const response = await ask(endpoint);
    const body = (await response.json()) as { errcode: string; retry_after_ms: number };
    const seconds = Number(response.headers.get('retry-after'));
    const isRight =
      response.status === 429 &&
      body.errcode === 'M_LIMIT_EXCEEDED' &&
      body.retry_after_ms > 0 &&
      body.retry_after_ms <= 60_000 &&
      seconds === Math.ceil(body.retry_after_ms / 1000);
    if (!isRight) wrong.push(`${endpoint.operationId}: ${response.status} ${JSON.stringify(body)}`);
  }
  expect(wrong).toEqual([]);
  vi.setSystemTime(Date.now() + 60_001);
  for (const endpoint of guarded) expect(endpoint && (await ask(endpoint)).status).toBe(401);
});
