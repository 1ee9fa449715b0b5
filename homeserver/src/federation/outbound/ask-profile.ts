import { serverNameOf, type UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import type { Env } from '../../env.ts';
import type { Profile } from '../../storage/d1/profiles.ts';
import { request } from '../federation-client.ts';

const timeoutMs = 10_000;
const maxBytes = 128 * 1024;

/** Server-server API, `GET /query/profile`. Nothing if the user is none, or their server does not answer. */
export async function askProfile(env: Env, userId: UserId): Promise<Profile | undefined> {
  const answer = await request(env, serverNameOf(userId), {
    method: 'GET',
    path: '/_matrix/federation/v1/query/profile',
    query: { user_id: userId },
    timeoutMs,
    maxBytes,
  });
  if (answer.kind === 'failed' || answer.status !== 200 || !isJsonObject(answer.json)) return undefined;
  return answer.json as Profile;
}
