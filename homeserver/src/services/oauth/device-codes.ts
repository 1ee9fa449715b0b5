import { createHmac, randomBytes, randomInt } from 'node:crypto';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import type { Config } from '../../config.ts';
import {
  type DeviceCode,
  decideCode,
  findPendingCode,
  insertDeviceCode,
  pollCode,
  takeApprovedCode,
} from '../../storage/d1/oauth-device-codes.ts';
import { deviceCodeGrant, type OauthClient } from './client-metadata.ts';
import { invalidGrant, OauthError } from './oauth-error.ts';
import { parseScope, withoutAdminScope } from './scope.ts';

/**
 * Device authorization (RFC 8628): for a device without a browser, which shows a short code that the user types, or
 * follows, on another one. Nobody owns the codes until then, so they are in D1; an exchange takes its row away.
 */

export const deviceCodeSeconds = 600;
export const pollSeconds = 5;
/** Networks are not even: a poll this much early is no offence. */
const earlyMs = 1000;

/** Without vowels, so that no words come about, and without what is mistaken for each other (RFC 8628, 6.1). */
const userCodeAlphabet = 'BCDFGHJKLMNPQRSTVWXZ';

/** @throws OauthError @returns both codes as they are shown */
export async function startDeviceGrant(
  db: DrizzleD1Database,
  client: OauthClient,
  scope: string,
  config: Config,
  nowMs: number,
): Promise<{ deviceCode: string; userCode: string }> {
  if (!client.metadata.grant_types.includes(deviceCodeGrant)) {
    throw new OauthError('unauthorized_client', 'The client did not register for this grant');
  }
  const asked = parseScope(scope);
  if (!asked) throw new OauthError('invalid_scope', 'The scope has to name the API and one device');
  const deviceCode = randomBytes(32).toString('base64url');
  const letters = Array.from({ length: 8 }, () => userCodeAlphabet[randomInt(userCodeAlphabet.length)]).join(
    '',
  );
  await insertDeviceCode(
    db,
    {
      deviceCodeHash: hashCode(deviceCode, config),
      userCodeHash: hashCode(letters, config),
      clientId: client.clientId,
      ...withoutAdminScope(asked),
      polledMs: 0,
      expiresMs: nowMs + deviceCodeSeconds * 1000,
    },
    nowMs,
  );
  return { deviceCode, userCode: `${letters.slice(0, 4)}-${letters.slice(4)}` };
}

/** @param userCode as somebody typed it */
export async function findDeviceGrant(
  db: DrizzleD1Database,
  userCode: string,
  config: Config,
  nowMs: number,
): Promise<DeviceCode | undefined> {
  return findPendingCode(db, hashCode(lettersOf(userCode), config), nowMs);
}

/** @param userId who allows it; absent: it is refused @returns `false` if it waits for that no more */
export async function decideDeviceGrant(
  db: DrizzleD1Database,
  userCode: string,
  userId: UserId | undefined,
  config: Config,
  nowMs: number,
): Promise<boolean> {
  const decision =
    userId === undefined ? ({ state: 'denied' } as const) : ({ state: 'approved', userId } as const);
  return decideCode(db, hashCode(lettersOf(userCode), config), decision, nowMs);
}

/**
 * What the client gets when it asks again.
 * @throws OauthError as long as it has to wait, or if it waits for nothing
 */
export async function redeemDeviceCode(
  db: DrizzleD1Database,
  deviceCode: string,
  clientId: string,
  config: Config,
  nowMs: number,
): Promise<DeviceCode & { userId: string }> {
  const hash = hashCode(deviceCode, config);
  const code = await pollCode(db, hash, nowMs);
  if (!code || code.clientId !== clientId) throw invalidGrant();
  if (code.expiresMs <= nowMs) throw new OauthError('expired_token', 'The code has expired');
  switch (code.state) {
    case 'denied':
      throw new OauthError('access_denied', 'The user does not want it');
    case 'pending': {
      const isEarly = nowMs - code.polledMs < pollSeconds * 1000 - earlyMs;
      if (isEarly) throw new OauthError('slow_down', `Ask every ${pollSeconds} seconds`);
      throw new OauthError('authorization_pending', 'The user has not decided yet');
    }
    case 'approved': {
      const taken = await takeApprovedCode(db, hash, nowMs);
      if (!taken || taken.userId === null) throw invalidGrant();
      return { ...taken, userId: taken.userId };
    }
    default:
      return code.state satisfies never;
  }
}

/** Keyed, since the short code alone would be found by trying. */
function hashCode(code: string, config: Config): string {
  return createHmac('sha256', config.macKey).update(`device code ${code}`).digest('base64url');
}

function lettersOf(userCode: string): string {
  return userCode
    .toUpperCase()
    .replace(/[^A-Z]/g, '')
    .slice(0, 16);
}
