import { env } from 'cloudflare:workers';
import { beforeAll } from 'vitest';
import {
  call,
  makeTables,
  registerUser,
  type Signed,
} from '../../../../../test/harness/homeserver-worker.ts';
import type { Env } from '../../../env.ts';

/** A server with an administrator and somebody else, for tests of what administrators do. */

export const testEnv = env as unknown as Env;
export let owner: Signed;
export let user: Signed;

export function useAdministration(): void {
  beforeAll(async () => {
    await makeTables();
    owner = await registerUser('owner');
    user = await registerUser('user');
    await testEnv.DB.prepare('UPDATE accounts SET is_admin = 1 WHERE user_id = ?').bind(owner.userId).run();
  });
}

/** @param path behind `/_synapse/admin` */
export function admin(method: string, path: string, body?: unknown, token = owner.accessToken) {
  return call(method, `/_synapse/admin${path}`, { token, ...(body !== undefined && { body }) });
}

export function as(of: Signed, method: string, path: string, body?: unknown) {
  return call(method, path, { token: of.accessToken, ...(body !== undefined && { body }) });
}

export const enc = encodeURIComponent;

export async function makeRoom(of: Signed, body: object = {}): Promise<string> {
  const { status, body: made } = await as(of, 'POST', '/v3/createRoom', body);
  if (status !== 200) throw new Error(`createRoom answered ${status}: ${JSON.stringify(made)}`);
  return String(made.room_id);
}

let sent = 0;

export async function say(of: Signed, roomId: string, content: object): Promise<string> {
  sent += 1;
  const path = `/v3/rooms/${enc(roomId)}/send/m.room.message/${sent}`;
  return String((await as(of, 'PUT', path, content)).body.event_id);
}
