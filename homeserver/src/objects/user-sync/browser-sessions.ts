import {
  deleteAllApprovals,
  deleteAllBrowserSessions,
  deleteApproval,
  deleteApprovalsExpiredBefore,
  deleteBrowserSession,
  deleteBrowserSessionsExpiredBefore,
  findApproval,
  findBrowserSession,
  insertBrowserSession,
  putApproval,
} from '../../storage/user-sync/browser-sessions.ts';
import { deleteAllLoginTokens } from '../../storage/user-sync/login-tokens.ts';
import { deleteAllCodes } from '../../storage/user-sync/oauth.ts';
import { hashToken } from '../../storage/user-sync/token-hash.ts';
import type { ApprovedAction } from '../user-sync-rpc.ts';
import type { UserContext } from './user-context.ts';

/** A browser stays logged in to our pages for as long as one has to do with them, not for days. */
const browserSessionMs = 60 * 60 * 1000;
/** As long as other servers give a client to do what was allowed (MSC4312 leaves it open). */
const approvalMs = 10 * 60 * 1000;

/** @returns `false` if the account is locked: then there is none */
export function openBrowserSession(user: UserContext, token: string, nowMs: number): boolean {
  if (user.restrictions.current.locked) return false;
  user.sqlite.transaction(() => {
    deleteBrowserSessionsExpiredBefore(user.sqlite, nowMs);
    insertBrowserSession(user.sqlite, hashToken(token), nowMs + browserSessionMs);
  });
  return true;
}

/** Who is locked out has no pages either: they would give devices and ways in. */
export function browserSession(
  user: UserContext,
  token: string,
  nowMs: number,
): { openedMs: number } | undefined {
  if (user.restrictions.current.locked) return undefined;
  const endsMs = findBrowserSession(user.sqlite, hashToken(token)) ?? 0;
  return endsMs > nowMs ? { openedMs: endsMs - browserSessionMs } : undefined;
}

export function endBrowserSession(user: UserContext, token: string): void {
  deleteBrowserSession(user.sqlite, hashToken(token));
}

/** All that was begun or allowed on our pages: who ends all sessions, or sets a password, ends that too. */
export function forgetPages(user: UserContext): void {
  deleteAllBrowserSessions(user.sqlite);
  deleteAllCodes(user.sqlite);
  deleteAllApprovals(user.sqlite);
  deleteAllLoginTokens(user.sqlite);
}

export function approve(user: UserContext, action: ApprovedAction, nowMs: number): void {
  user.sqlite.transaction(() => {
    deleteApprovalsExpiredBefore(user.sqlite, nowMs);
    putApproval(user.sqlite, action, nowMs + approvalMs);
  });
}

/** Uses an approval up. @returns whether there was one: to one of several who ask at once */
export function takeApproval(user: UserContext, action: ApprovedAction, nowMs: number): boolean {
  const isValid = (findApproval(user.sqlite, action) ?? 0) > nowMs;
  if (isValid) deleteApproval(user.sqlite, action);
  return isValid;
}
