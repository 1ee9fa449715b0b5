import * as v from 'valibot';
import { invalidParam, notFound } from '../../../../matrix/errors.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { isLocal } from '../../services/local-accounts.ts';
import { type Account, readAccount } from '../../storage/d1/accounts.ts';
import { integerField, userIdParam } from '../client/room-requests.ts';
import type { Call, Requester } from '../endpoint.ts';

/** What the endpoints of Synapse's administration API have in common. */

const maxPage = 1000;

/** Members of the query of a list. Lists that can be sorted have `order_by` besides. */
export const pageFields = {
  from: v.optional(integerField(0, 1_000_000), '0'),
  limit: v.optional(integerField(0, maxPage), '100'),
  dir: v.optional(v.picklist(['f', 'b']), 'f'),
};

export const searchField = v.optional(v.pipe(v.string(), v.maxLength(255)));

/** Epoch ms in a body. */
export const timeField = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Where the page after this one begins, in the form of most lists. */
export function nextToken(from: number, entries: readonly unknown[], total: number): { next_token?: string } {
  const next = from + entries.length;
  return entries.length > 0 && next < total ? { next_token: String(next) } : {};
}

/**
 * The local user that a path names, with their account.
 * @throws `M_INVALID_PARAM`, `M_NOT_FOUND`
 */
export async function localUser({
  params,
  env,
  config,
}: Pick<Call<unknown, unknown>, 'params' | 'env' | 'config'>): Promise<Account & { userId: UserId }> {
  const userId = userIdParam(params.userId);
  if (!isLocal(userId, config)) throw invalidParam('This user belongs to another server');
  const account = await readAccount(openD1(env.DB, config.meter), userId);
  if (!account) throw userNotFound();
  return { ...account, userId };
}

/** Administrators cannot lock themselves out. @throws `M_INVALID_PARAM` */
export function refuseOneself(requester: Requester, userId: UserId, what: string): void {
  if (requester.userId === userId) throw invalidParam(`You may not ${what} yourself`);
}

export const userNotFound = () => notFound('User not found');
