import {
  deleteLoginTokensExpiredBefore,
  insertLoginToken,
  takeLoginToken,
} from '../../storage/user-sync/login-tokens.ts';
import { hashToken } from '../../storage/user-sync/token-hash.ts';
import { loginTokenMs } from '../user-sync-rpc.ts';
import type { UserContext } from './user-context.ts';

export function storeLoginToken(user: UserContext, token: string, nowMs: number): void {
  user.sqlite.transaction(() => {
    deleteLoginTokensExpiredBefore(user.sqlite, nowMs);
    insertLoginToken(user.sqlite, hashToken(token), nowMs + loginTokenMs);
  });
}

/** Uses it up. @returns whether it lets in */
export function redeemLoginToken(user: UserContext, token: string, nowMs: number): boolean {
  return (takeLoginToken(user.sqlite, hashToken(token)) ?? 0) > nowMs;
}
