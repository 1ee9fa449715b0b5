import { createHmac } from 'node:crypto';
import { mayAssertUser, type Registration } from '../../../appservice/registration.ts';
import { exclusive, MatrixError, missingToken, unknownDevice, unknownToken } from '../../../matrix/errors.ts';
import {
  type DeviceId,
  localpartOf,
  makeUserId,
  parseUserId,
  type UserId,
} from '../../../matrix/identifiers.ts';
import { sameSecret } from '../../../platform/same-secret.ts';
import type { Config } from '../config.ts';
import type { Stubs } from '../objects/stubs.ts';
import type { Requester } from './endpoint.ts';

/**
 * Access tokens are `roost_<base64url of the user's localpart>_<43 random characters>_<11 of a MAC>`: the
 * name leads the Worker to the user's object without a look-up, and the object knows the hash of the whole.
 * The MAC keeps made-up tokens away from the objects, since calling an object that is not there makes it.
 */
export function makeAccessToken(userId: UserId, random: Uint8Array, config: Config): string {
  return makeToken('roost', userId, random, config);
}

/** Refresh tokens have the same form under another name, so that none is taken for an access token. */
export function makeRefreshToken(userId: UserId, random: Uint8Array, config: Config): string {
  return makeToken('roostr', userId, random, config);
}

/** Of the same form too: what leads from our pages on, and the cookies of browsers that are logged in to them. */
export function makePageToken(kind: PageTokenKind, userId: UserId, config: Config): string {
  return makeToken(pageTokenPrefix[kind], userId, crypto.getRandomValues(new Uint8Array(32)), config);
}

const pageTokenPrefix = { code: 'roostc', browser: 'roostb', login: 'roostl' } as const;
/** Authorization codes, cookies, tokens of `m.login.token`. */
type PageTokenKind = keyof typeof pageTokenPrefix;

function makeToken(kind: string, userId: UserId, random: Uint8Array, config: Config): string {
  const name = Buffer.from(localpartOf(userId)).toString('base64url');
  const body = `${kind}_${name}_${Buffer.from(random).toString('base64url')}`;
  return `${body}_${tokenMac(body, config)}`;
}

function tokenMac(body: string, config: Config): string {
  const mac = createHmac('sha256', config.macKey).update(`token ${body}`).digest();
  return mac.subarray(0, 8).toString('base64url');
}

/** The user a token of either kind names, if we made it. Whether it is still valid only the object knows. */
export function userOfToken(token: string, config: Config): UserId | undefined {
  return userOfKind(['roost', 'roostr'], token, config);
}

export function userOfPageToken(kind: PageTokenKind, token: string, config: Config): UserId | undefined {
  return userOfKind([pageTokenPrefix[kind]], token, config);
}

function userOfKind(kinds: readonly string[], token: string, config: Config): UserId | undefined {
  const match = /^(([a-z]+)_([A-Za-z0-9_-]+)_[A-Za-z0-9_-]{43})_([A-Za-z0-9_-]{11})$/.exec(token);
  const [, body, kind, name, mac] = match ?? [];
  if (body === undefined || kind === undefined || name === undefined || mac === undefined) return undefined;
  if (!kinds.includes(kind)) return undefined;
  if (!sameSecret(tokenMac(body, config), mac)) return undefined;
  return makeUserId(Buffer.from(name, 'base64url').toString(), config.serverName);
}

/** @throws `M_MISSING_TOKEN` */
export function bearerToken(request: Request): string {
  const match = /^Bearer +([^\s]+)$/i.exec(request.headers.get('authorization') ?? '');
  if (!match?.[1]) throw missingToken();
  return match[1];
}

export async function authenticate(
  request: Request,
  url: URL,
  config: Config,
  stubs: Stubs,
): Promise<Requester> {
  const token = bearerToken(request);
  const registration = registrationOfToken(token, config);
  if (registration) return masquerade(registration, url, config, stubs);
  const userId = userOfToken(token, config);
  if (!userId) throw unknownToken();
  const session = await stubs.user(userId).authenticate(token);
  if (session.kind === 'unknown_token') throw unknownToken(session.soft);
  const { deviceId, restrictions } = session;
  return { userId: session.userId, deviceId, ...(restrictions && { restrictions }) };
}

export function registrationOfToken(token: string, config: Config): Registration | undefined {
  return config.registrations.find((registration) => sameSecret(registration.asToken, token));
}

/** Application Service API, "Identity assertion". */
async function masquerade(
  registration: Registration,
  url: URL,
  config: Config,
  stubs: Stubs,
): Promise<Requester> {
  const bot = makeUserId(registration.senderLocalpart, config.serverName);
  const asserted = url.searchParams.get('user_id');
  const userId = asserted === null ? bot : parseUserId(asserted);
  if (!userId) throw new MatrixError(400, 'M_INVALID_PARAM', 'user_id is not a user id');
  if (!mayAssertUser(registration, userId, config.serverName)) {
    throw new MatrixError(
      403,
      exclusive().errcode,
      'This user is not in the namespace of the application service',
    );
  }
  const device = url.searchParams.get('device_id') ?? url.searchParams.get('org.matrix.msc3202.device_id');
  if (device === null) {
    return { userId, deviceId: `appservice:${registration.id}` as DeviceId, appservice: registration };
  }
  const known = (await stubs.user(userId).devices()).find(({ deviceId }) => deviceId === device);
  if (!known) throw unknownDevice();
  return { userId, deviceId: known.deviceId, appservice: registration };
}
