import { createHash } from 'node:crypto';
import { sameSecret } from '../../../../platform/same-secret.ts';
import {
  deleteCodesExpiredBefore,
  deleteGrant,
  findCode,
  findGrant,
  insertCode,
  markCodeUsed,
  putGrant,
} from '../../storage/user-sync/oauth.ts';
import {
  deleteSessionsOf,
  expireSuccessors,
  findRefreshableSession,
  findSession,
  insertSession,
} from '../../storage/user-sync/sessions.ts';
import { hashToken } from '../../storage/user-sync/token-hash.ts';
import type {
  AuthorizationCode,
  CodeProof,
  GrantInfo,
  GrantRequest,
  GrantResult,
  RefreshedTokens,
  RefreshProof,
  TokenInfo,
} from '../user-sync-rpc.ts';
import { confirm, createSession, isDisused } from './sessions.ts';
import type { UserContext } from './user-context.ts';

/**
 * OAuth 2.0 sessions of one user. A grant belongs to the device that its scope names, and a device has one.
 *
 * 1. Consent stores a code, with the challenge of the client (RFC 7636).
 * 2. The code is exchanged once. If it comes again, what it was exchanged for ends (RFC 6749, 4.1.2).
 * 3. A refresh token is exchanged for another. As long as none of the new tokens was used, it may be exchanged
 *    again, since the answer may have been lost; what the first exchange gave then ends. One that comes after
 *    that is in two hands, and the whole grant ends (RFC 9700, 4.14). So it does if none comes for months.
 */

/** RFC 6749, 4.1.2: ten minutes at most. */
const codeMs = 60 * 1000;
/** A used code is known for this long after its end. */
const usedCodeKeptMs = 24 * 60 * 60 * 1000;

const refused: GrantResult = { kind: 'refused' };

export function storeCode(user: UserContext, code: AuthorizationCode, nowMs: number): void {
  user.sqlite.transaction(() => {
    deleteCodesExpiredBefore(user.sqlite, nowMs - usedCodeKeptMs);
    insertCode(user.sqlite, {
      codeHash: hashToken(code.code),
      clientId: code.clientId,
      clientName: code.clientName ?? null,
      redirectUri: code.redirectUri,
      challenge: code.challenge,
      scope: code.scope,
      deviceId: code.deviceId,
      refreshable: Number(code.refreshable),
      expiresMs: nowMs + codeMs,
      usedBy: null,
    });
  });
}

export function redeemCode(
  user: UserContext,
  proof: CodeProof,
  tokens: RefreshedTokens,
  nowMs: number,
): GrantResult {
  const row = findCode(user.sqlite, hashToken(proof.code));
  if (!row || row.clientId !== proof.clientId || row.redirectUri !== proof.redirectUri) return refused;
  const challenge = createHash('sha256').update(proof.verifier).digest('base64url');
  if (!sameSecret(row.challenge, challenge)) return refused;
  if (row.usedBy !== null) {
    // Only what came of this very code: the device may have signed in anew since.
    const isStillThere = findSession(user.sqlite, row.usedBy) !== undefined;
    return isStillThere ? endGrant(user, row.deviceId) : refused;
  }
  if (row.expiresMs <= nowMs) return refused;
  const { clientId, clientName, scope, deviceId } = row;
  return user.sqlite.transaction(() => {
    markCodeUsed(user.sqlite, row.codeHash, hashToken(tokens.accessToken));
    const request: GrantRequest = { clientId, scope, deviceId, refreshable: row.refreshable === 1 };
    return openGrant(user, clientName === null ? request : { ...request, clientName }, tokens, nowMs);
  });
}

/** Signs the device in for a client that the user has allowed. Its former session ends. */
export function openGrant(
  user: UserContext,
  { clientId, clientName, scope, deviceId, refreshable }: GrantRequest,
  tokens: RefreshedTokens,
  nowMs: number,
): GrantResult {
  user.sqlite.transaction(() => {
    const { accessToken, refreshToken, expiresInMs } = tokens;
    const input = { accessToken, expiresInMs, deviceId, ...(refreshable && { refreshToken }) };
    createSession(
      user,
      clientName === undefined ? input : { ...input, initialDisplayName: clientName },
      nowMs,
    );
    putGrant(user.sqlite, { deviceId, clientId, scope }, nowMs);
  });
  return { kind: 'granted', deviceId, scope, refreshable };
}

export function refreshGrant(
  user: UserContext,
  { refreshToken, clientId, scope }: RefreshProof,
  next: RefreshedTokens,
  nowMs: number,
): GrantResult {
  const old = findRefreshableSession(user.sqlite, hashToken(refreshToken));
  const grant = old && findGrant(user.sqlite, old.deviceId);
  if (!old || grant?.clientId !== clientId) return refused;
  if (old.spent === 1 || isDisused(old, nowMs)) return endGrant(user, old.deviceId);
  const allowed = grant.scope.split(' ');
  if (scope?.split(' ').some((part) => !allowed.includes(part))) return { kind: 'scope_exceeded' };
  user.sqlite.transaction(() => {
    if (old.replaces !== null) confirm(user, old, nowMs);
    expireSuccessors(user.sqlite, old.accessTokenHash, nowMs);
    insertSession(user.sqlite, {
      accessTokenHash: hashToken(next.accessToken),
      deviceId: old.deviceId,
      expiresMs: nowMs + next.expiresInMs,
      refreshTokenHash: hashToken(next.refreshToken),
      replaces: old.accessTokenHash,
    });
  });
  return { kind: 'granted', deviceId: old.deviceId, scope: grant.scope, refreshable: true };
}

/** The grant of a token of either kind, as long as it has one. An expired access token is none. */
export function grantOfToken(user: UserContext, token: string, nowMs: number): GrantInfo | undefined {
  const hash = hashToken(token);
  const byAccess = findSession(user.sqlite, hash);
  const session = byAccess ?? findRefreshableSession(user.sqlite, hash);
  const grant = session && findGrant(user.sqlite, session.deviceId);
  if (!session || !grant) return undefined;
  const isExpired = session.expiresMs !== null && session.expiresMs <= nowMs;
  return { ...grant, active: byAccess !== undefined && !isExpired, expiresMs: session.expiresMs };
}

/** What a service may know of a token that is shown to it (RFC 7662): only of an access token that is good now. */
export function introspect(user: UserContext, token: string, nowMs: number): TokenInfo | undefined {
  const session = findSession(user.sqlite, hashToken(token));
  const isExpired = session && session.expiresMs !== null && session.expiresMs <= nowMs;
  if (!session || isExpired || user.restrictions.current.locked) return undefined;
  const { deviceId, expiresMs } = session;
  const grant = findGrant(user.sqlite, deviceId);
  return { deviceId, expiresMs, ...(grant && { clientId: grant.clientId, scope: grant.scope }) };
}

export function isGrant(user: UserContext, deviceId: string): boolean {
  return findGrant(user.sqlite, deviceId) !== undefined;
}

function endGrant(user: UserContext, deviceId: GrantInfo['deviceId']): GrantResult {
  user.sqlite.transaction(() => {
    deleteSessionsOf(user.sqlite, deviceId);
    deleteGrant(user.sqlite, deviceId);
  });
  return { kind: 'refused', ended: deviceId };
}
