import { type DeviceId, serverNameOf, type UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { Config } from '../../../config.ts';
import { makeAccessToken, makeRefreshToken } from '../../access-token.ts';
import type { Call } from '../../endpoint.ts';

/** Lifetime of the access tokens of clients that can refresh them; of others they live until logout. */
export const accessTokenMs = 60 * 60_000;

export interface SessionRequest {
  deviceId?: DeviceId | undefined;
  initialDisplayName?: string | undefined;
  /** The client can use refresh tokens. */
  refreshable: boolean;
}

export function makeTokens(userId: UserId, config: Config): { accessToken: string; refreshToken: string } {
  const random = () => crypto.getRandomValues(new Uint8Array(32));
  return {
    accessToken: makeAccessToken(userId, random(), config),
    refreshToken: makeRefreshToken(userId, random(), config),
  };
}

/** Signs a device in and gives the members that `/login` and `/register` answer with. */
export async function openSession(
  { stubs, config }: Pick<Call<unknown, unknown>, 'stubs' | 'config'>,
  userId: UserId,
  { deviceId, initialDisplayName, refreshable }: SessionRequest,
): Promise<JsonObject & { device_id: DeviceId }> {
  const { accessToken, refreshToken } = makeTokens(userId, config);
  const session = await stubs.user(userId).createSession({
    accessToken,
    ...(refreshable && { refreshToken, expiresInMs: accessTokenMs }),
    ...(deviceId !== undefined && { deviceId }),
    ...(initialDisplayName !== undefined && { initialDisplayName }),
  });
  return {
    user_id: userId,
    access_token: accessToken,
    device_id: session.deviceId,
    // Deprecated, but older clients read it.
    home_server: serverNameOf(userId),
    ...(refreshable && { refresh_token: refreshToken, expires_in_ms: accessTokenMs }),
  };
}
