import { env, exports } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import schema from '../../../../../migrations/d1/homeserver/0001_init.sql';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';
import { makeStubs } from '../../../objects/stubs.ts';
import { makeAccessToken } from '../../access-token.ts';

/** People with accounts and sessions who ask the whole Worker; for tests of endpoints. */
export const alice = '@alice:roost.test' as UserId;
export const bob = '@bob:roost.test' as UserId;
export const carol = '@carol:roost.test' as UserId;

export const testEnv = env as unknown as Env;
const worker = (exports as unknown as { default: Fetcher }).default;
const tokens = new Map<string, string>();

export interface Answer {
  status: number;
  body: JsonObject;
}

/** @param userId or `owner`, `service` for tokens of theirs */
export async function call(userId: string, method: string, path: string, body?: JsonObject): Promise<Answer> {
  const response = await worker.fetch(
    new Request(`https://roost.test${path.startsWith('/_') ? path : `/_matrix/client${path}`}`, {
      method,
      headers: {
        authorization: `Bearer ${tokenOf(userId)}`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  return { status: response.status, body: (await response.json()) as JsonObject };
}

function tokenOf(userId: string): string | undefined {
  if (userId === 'owner') return testEnv.ADMIN_TOKEN;
  return userId === 'service' ? 'test-as-token' : tokens.get(userId);
}

/** Of the room it makes, the id and the path. */
export async function createRoom(
  userId: UserId,
  body: JsonObject = {},
): Promise<{ roomId: string; path: string }> {
  const created = await call(userId, 'POST', '/v3/createRoom', body);
  expect(created).toMatchObject({ status: 200 });
  const roomId = String(created.body.room_id);
  return { roomId, path: roomPath(roomId) };
}

export function roomPath(roomId: string): string {
  return `/v3/rooms/${encodeURIComponent(roomId)}`;
}

export async function stateContent(
  userId: string,
  roomId: string,
  type: string,
  stateKey = '',
): Promise<Answer> {
  return call(userId, 'GET', `${roomPath(roomId)}/state/${type}/${encodeURIComponent(stateKey)}`);
}

/** Waits until the user's own object knows that the user is in the room. */
export async function knowsOf(userId: UserId, roomId: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const { body } = await call(userId, 'GET', '/v3/joined_rooms');
      expect(body.joined_rooms).toContain(roomId);
    },
    { interval: 5, timeout: 15_000 },
  );
}

/** Makes the tables of D1 and the accounts. For `beforeAll`. */
export async function setUpPeople(): Promise<void> {
  vi.stubGlobal('fetch', async () => Response.json({}));
  const { DB } = testEnv;
  await DB.batch(
    schema
      .split(';')
      .filter((statement) => statement.trim() !== '')
      .map((statement) => DB.prepare(statement)),
  );
  const stubs = makeStubs(testEnv);
  for (const userId of [alice, bob, carol]) {
    await DB.prepare('INSERT INTO accounts (user_id, created_ms) VALUES (?, 0)').bind(userId).run();
    const accessToken = makeAccessToken(
      userId,
      crypto.getRandomValues(new Uint8Array(32)),
      readConfig(testEnv),
    );
    await stubs.user(userId).createSession({ accessToken });
    tokens.set(userId, accessToken);
  }
  // The first request loads the whole Worker, which takes a while on a busy machine.
  await worker.fetch('https://roost.test/_matrix/client/versions');
}
