import { serverNameOf, type UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { matchesGlob } from './glob.ts';

/** `ignore`: the invitation is not shown, and the inviter does not learn of it. `block`: it is refused. */
export type InvitePermission = 'allow' | 'ignore' | 'block';

/** Account data that says who may invite: of the specification (v1.18), of MSC4155, and MSC4380's former name. */
export const invitePermissionTypes: readonly string[] = [
  'm.invite_permission_config',
  'org.matrix.msc4155.invite_permission_config',
  'org.matrix.msc4380.invite_permission_config',
];

/**
 * What a user's account data makes of an invitation. Lists of users come before lists of servers, in each
 * `allowed` before `ignored` before `blocked` (MSC4155); where no list speaks, the default action decides.
 * @param contents of the types above, as far as they are set
 */
export function invitePermission(contents: readonly JsonObject[], inviter: UserId): InvitePermission {
  const configs = contents.filter((content) => content.enabled !== false);
  const server = serverNameOf(inviter);
  return (
    verdictOfLists(configs, 'users', inviter) ??
    verdictOfLists(configs, 'servers', server) ??
    (configs.some(({ default_action, block_all }) => default_action === 'block' || block_all === true)
      ? 'block'
      : 'allow')
  );
}

const lists = { allowed: 'allow', ignored: 'ignore', blocked: 'block' } as const;

function verdictOfLists(
  configs: readonly JsonObject[],
  of: 'users' | 'servers',
  name: string,
): InvitePermission | undefined {
  for (const [list, verdict] of Object.entries(lists)) {
    const isListed = configs.some((config) => matchesAny(config[`${list}_${of}`], name));
    if (isListed) return verdict;
  }
  return undefined;
}

/** A list that is missing, null or malformed is empty. */
function matchesAny(patterns: unknown, name: string): boolean {
  return (
    Array.isArray(patterns) &&
    patterns.some((pattern) => typeof pattern === 'string' && matchesGlob(pattern, name))
  );
}
