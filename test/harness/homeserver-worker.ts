import { env, exports } from 'cloudflare:workers';
import init from '../../migrations/d1/homeserver/0001_init.sql';
import serverKeys from '../../migrations/d1/homeserver/0002_server_keys.sql';

/** For tests inside workerd: the homeserver of this very isolate, asked over HTTP, and its D1 tables. */

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

export interface Signed {
  userId: string;
  accessToken: string;
  deviceId: string;
}

export const password = 'correct horse battery';
export const adminToken = 'test-admin-token-test-admin-token-test';

const worker = (exports as unknown as { default: Fetcher }).default;

export async function makeTables(): Promise<void> {
  const { DB } = env as { DB: D1Database };
  const statements = `${init};${serverKeys}`.split(';').filter((statement) => statement.trim() !== '');
  await DB.batch(statements.map((statement) => DB.prepare(statement)));
}

export function fetchRaw(path: string, init?: RequestInit): Promise<Response> {
  return worker.fetch(new Request(`https://roost.test${path}`, init));
}

/** @param path behind `/_matrix/client` unless it begins with another root */
export async function call(
  method: string,
  path: string,
  options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const full = /^\/(v\d+|unstable|r0)\//.test(path) ? `/_matrix/client${path}` : path;
  const response = await fetchRaw(full, {
    method,
    headers: { ...(options.token && { authorization: `Bearer ${options.token}` }), ...options.headers },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  };
}

export async function registerUser(username: string, extra: object = {}): Promise<Signed> {
  const { status, body } = await call('POST', '/v3/register', {
    body: { auth: { type: 'm.login.dummy' }, username, password, ...extra },
  });
  if (status !== 200) throw new Error(`register answered ${status}: ${JSON.stringify(body)}`);
  return {
    userId: String(body.user_id),
    accessToken: String(body.access_token),
    deviceId: String(body.device_id),
  };
}

export async function logIn(username: string, extra: object = {}): Promise<Signed> {
  const { status, body } = await call('POST', '/v3/login', {
    body: {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: username },
      password,
      ...extra,
    },
  });
  if (status !== 200) throw new Error(`login answered ${status}: ${JSON.stringify(body)}`);
  return {
    userId: String(body.user_id),
    accessToken: String(body.access_token),
    deviceId: String(body.device_id),
  };
}
