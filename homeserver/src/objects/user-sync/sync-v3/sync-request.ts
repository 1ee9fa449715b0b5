import * as v from 'valibot';
import { invalidParam, notFound } from '../../../../../matrix/errors.ts';
import { type SyncFilter, syncFilter } from '../../../protocol/sync/sync-filter.ts';
import { parseSyncToken } from '../../../protocol/sync/sync-token.ts';
import { getFilter } from '../account-data.ts';
import type { UserContext } from '../user-context.ts';

/** A request of `/sync`, checked. */
export interface SyncRequest {
  /** Position to continue from; 0 if `initial`. */
  since: number;
  toDeviceSince: number;
  initial: boolean;
  /** `initial`, since the token that came is unknown here: the client may hold rooms that have been left meanwhile. */
  resync: boolean;
  fullState: boolean;
  /** `state_after` is wanted in place of `state` (MSC4222). */
  stateAfter: boolean;
  timeoutMs: number;
  filter: SyncFilter;
}

/**
 * A `since` of another storage is answered like an initial sync, which every client can take.
 * @throws `M_INVALID_PARAM` for a malformed filter, `M_NOT_FOUND` for an unknown one
 */
export function parseSyncRequest(user: UserContext, query: Record<string, string>): SyncRequest {
  const token =
    query.since === undefined ? undefined : parseSyncToken(query.since, user.stream.tag, user.stream.last);
  const timeout = Number(query.timeout ?? '0');
  return {
    since: token?.position ?? 0,
    toDeviceSince: token?.toDevicePosition ?? 0,
    initial: token === undefined,
    resync: token === undefined && query.since !== undefined,
    fullState: query.full_state === 'true',
    stateAfter: query.use_state_after === 'true' || query['org.matrix.msc4222.use_state_after'] === 'true',
    timeoutMs: Number.isFinite(timeout) ? Math.max(0, timeout) : 0,
    filter: readFilter(user, query.filter),
  };
}

function readFilter(user: UserContext, text: string | undefined): SyncFilter {
  if (text === undefined || text === '') return {};
  let value: unknown;
  if (text.startsWith('{')) {
    try {
      value = JSON.parse(text);
    } catch {
      throw invalidParam('filter is not JSON');
    }
  } else {
    value = getFilter(user, text);
    if (value === undefined) throw notFound('Unknown filter');
  }
  const result = v.safeParse(syncFilter, value);
  if (!result.success) throw invalidParam(`filter: ${v.getDotPath(result.issues[0]) ?? 'malformed'}`);
  return result.output;
}
