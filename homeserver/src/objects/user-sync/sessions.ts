import { randomBytes } from 'node:crypto';
import type { DeviceId } from '../../../../matrix/identifiers.ts';
import {
  deleteDevice,
  findDevice,
  listDevices,
  putDevice,
  renameDevice,
  touchDevice,
} from '../../storage/user-sync/devices.ts';
import { deleteCodesOf, deleteGrant, findGrant } from '../../storage/user-sync/oauth.ts';
import {
  clearReplaces,
  deleteSessionsExpiredBefore,
  deleteSessionsOf,
  expireSession,
  findRefreshableSession,
  findSession,
  insertSession,
  type SessionRow,
} from '../../storage/user-sync/sessions.ts';
import { deleteConnectionsOf } from '../../storage/user-sync/sliding-sync.ts';
import { deleteToDeviceOf } from '../../storage/user-sync/to-device.ts';
import { hashToken } from '../../storage/user-sync/token-hash.ts';
import type {
  DeviceInfo,
  RefreshedTokens,
  SessionInfo,
  SessionInput,
  UnknownToken,
} from '../user-sync-rpc.ts';
import { putAccountData } from './account-data.ts';
import { forgetPages } from './browser-sessions.ts';
import { deletePushersOf } from './pushers.ts';
import type { UserContext } from './user-context.ts';

/** "Last seen" is written no more often than this: it is worth little and would be written at every request. */
const lastSeenStepMs = 60 * 60 * 1000;
/**
 * How long an ended session can be refreshed, and is refused softly. A client that has not asked for so long has to
 * log in again (RFC 9700, 4.14.2).
 */
const expiredKeptMs = 90 * 24 * 60 * 60 * 1000;

/** Account data whose type ends in the id of the device that it is about (MSC3890). */
const deviceAccountData = [
  'm.local_notification_settings.',
  'org.matrix.msc3890.local_notification_settings.',
];

const unknownToken: UnknownToken = { kind: 'unknown_token', soft: false };

/** Makes a session. The former tokens of an existing device end with it. */
export function createSession(user: UserContext, input: SessionInput, nowMs: number): SessionInfo {
  const deviceId = input.deviceId ?? makeDeviceId();
  user.sqlite.transaction(() => {
    putDevice(user.sqlite, deviceId, input.initialDisplayName, nowMs);
    deleteSessionsOf(user.sqlite, deviceId);
    deleteGrant(user.sqlite, deviceId);
    deletePushersOf(user, deviceId);
    insertSession(user.sqlite, {
      accessTokenHash: hashToken(input.accessToken),
      deviceId,
      expiresMs: input.expiresInMs === undefined ? null : nowMs + input.expiresInMs,
      refreshTokenHash: input.refreshToken === undefined ? null : hashToken(input.refreshToken),
      replaces: null,
    });
  });
  return { kind: 'session', userId: user.userId, deviceId };
}

/** Checks a token as presented. One row is read; one written where "last seen" is old. */
export function authenticate(
  user: UserContext,
  accessToken: string,
  nowMs: number,
): SessionInfo | UnknownToken {
  const session = findSession(user.sqlite, hashToken(accessToken));
  if (!session) return unknownToken;
  if (session.expiresMs !== null && session.expiresMs <= nowMs) return { kind: 'unknown_token', soft: true };
  if (session.replaces !== null) confirm(user, session, nowMs);
  noteSeen(user, session.deviceId, nowMs);
  const restrictions = user.restrictions.current;
  const isFree = !restrictions.locked && !restrictions.suspended;
  const info: SessionInfo = { kind: 'session', userId: user.userId, deviceId: session.deviceId };
  return isFree ? info : { ...info, restrictions };
}

/**
 * Gives a session new tokens. The old ones go on until a new one is used: a lost answer must not end the
 * session, and a client of two processes refreshes twice.
 */
export function refreshSession(
  user: UserContext,
  refreshToken: string,
  next: RefreshedTokens,
  nowMs: number,
): SessionInfo | UnknownToken {
  const old = findRefreshableSession(user.sqlite, hashToken(refreshToken));
  // A session of OAuth is refreshed by its client alone, at the token endpoint.
  if (!old || old.spent === 1 || findGrant(user.sqlite, old.deviceId)) return unknownToken;
  if (isDisused(old, nowMs)) return { kind: 'unknown_token', soft: true };
  user.sqlite.transaction(() => {
    if (old.replaces !== null) confirm(user, old, nowMs);
    insertSession(user.sqlite, {
      accessTokenHash: hashToken(next.accessToken),
      deviceId: old.deviceId,
      expiresMs: nowMs + next.expiresInMs,
      refreshTokenHash: hashToken(next.refreshToken),
      replaces: old.accessTokenHash,
    });
  });
  return { kind: 'session', userId: user.userId, deviceId: old.deviceId };
}

/** The client has let its refresh token lie for too long. */
export function isDisused({ expiresMs }: SessionRow, nowMs: number): boolean {
  return expiresMs !== null && expiresMs + expiredKeptMs <= nowMs;
}

/** The new tokens have arrived, so the old ones end. */
export function confirm(user: UserContext, session: SessionRow, nowMs: number): void {
  if (session.replaces !== null) expireSession(user.sqlite, session.replaces, nowMs);
  clearReplaces(user.sqlite, session.accessTokenHash);
  deleteSessionsExpiredBefore(user.sqlite, session.deviceId, nowMs - expiredKeptMs);
}

/** Forgets devices and all that hangs on them. @returns those that existed */
export function deleteDevices(user: UserContext, deviceIds: DeviceId[] | undefined): DeviceId[] {
  const existing = listDevices(user.sqlite).map((device) => device.deviceId);
  const ended = existing.filter((deviceId) => !deviceIds || deviceIds.includes(deviceId));
  user.sqlite.transaction(() => {
    if (ended.length > 0) user.stream.keep();
    if (!deviceIds) forgetPages(user);
    for (const deviceId of ended) {
      deleteSessionsOf(user.sqlite, deviceId);
      deleteGrant(user.sqlite, deviceId);
      deleteCodesOf(user.sqlite, deviceId);
      deletePushersOf(user, deviceId);
      deleteToDeviceOf(user.sqlite, deviceId);
      deleteConnectionsOf(user.sqlite, deviceId);
      deleteDevice(user.sqlite, deviceId);
      for (const type of deviceAccountData) putAccountData(user, type + deviceId, {});
    }
  });
  return ended;
}

export function devices(user: UserContext): DeviceInfo[] {
  return listDevices(user.sqlite).map((device) => ({
    deviceId: device.deviceId,
    ...(device.displayName !== null && { displayName: device.displayName }),
    ...(device.lastSeenMs !== null && { lastSeenTs: device.lastSeenMs }),
    ...(device.lastSeenIp !== null && { lastSeenIp: device.lastSeenIp }),
  }));
}

/** @returns false if there is no such device and `create` is not set */
export function updateDevice(
  user: UserContext,
  deviceId: DeviceId,
  displayName: string | undefined,
  create: boolean,
  nowMs: number,
): boolean {
  if (findDevice(user.sqlite, deviceId)) {
    if (displayName !== undefined) renameDevice(user.sqlite, deviceId, displayName);
    return true;
  }
  if (create) putDevice(user.sqlite, deviceId, displayName, nowMs);
  return create;
}

function noteSeen(user: UserContext, deviceId: DeviceId, nowMs: number): void {
  const device = findDevice(user.sqlite, deviceId);
  if (device && (device.lastSeenMs ?? 0) + lastSeenStepMs <= nowMs) touchDevice(user.sqlite, deviceId, nowMs);
}

/** Ten capital letters, as other servers make them: people read device ids to each other. */
function makeDeviceId(): DeviceId {
  return Array.from(randomBytes(10), (byte) => String.fromCharCode(65 + (byte % 26))).join('') as DeviceId;
}
