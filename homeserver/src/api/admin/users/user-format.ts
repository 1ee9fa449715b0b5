import type { JsonObject } from '../../../../../matrix/json.ts';
import type { ListedUser } from '../../../storage/d1/user-list.ts';
import type { ExternalId } from './external-ids.ts';

/** A user in lists. Members that only other servers have are there as consoles expect them. */
export function listedUser(user: ListedUser): JsonObject {
  return {
    name: user.userId,
    displayname: user.displayName,
    avatar_url: user.avatarUrl,
    admin: user.isAdmin,
    deactivated: user.isDeactivated,
    erased: user.erased,
    locked: user.locked,
    suspended: user.suspended,
    creation_ts: user.createdMs,
    appservice_id: user.appserviceId,
    is_guest: false,
    shadow_banned: false,
    approved: true,
    user_type: null,
    last_seen_ts: null,
  };
}

/** A single user. As Synapse has it, the creation is in seconds here and in milliseconds in lists. */
export function userDetails(user: ListedUser, externalIds: readonly ExternalId[]): JsonObject {
  return {
    ...listedUser(user),
    creation_ts: Math.floor(user.createdMs / 1000),
    threepids: [],
    external_ids: externalIds.map((id) => ({ ...id })),
    consent_server_notice_sent: null,
    consent_version: null,
    consent_ts: null,
  };
}
