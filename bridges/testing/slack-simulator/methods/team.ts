import { renderTeam } from '../render/render-user.ts';
import type { WebApiMethod } from '../web-api-call.ts';

export const teamMethods: Record<string, WebApiMethod> = {
  'team.info': {
    scopes: ['team:read'],
    tier: 3,
    run: (call) => ({ team: renderTeam(call.world, call.team) }),
  },
  'usergroups.list': {
    scopes: ['usergroups:read'],
    tier: 2,
    run: (call) => ({
      usergroups: [...call.team.usergroups.values()].map((group) => ({
        id: group.id,
        team_id: group.teamId,
        is_usergroup: true,
        is_subteam: true,
        name: group.name,
        description: '',
        handle: group.handle,
        is_external: false,
        date_create: group.createdS,
        date_update: group.createdS,
        date_delete: 0,
        auto_provision: false,
        enterprise_subteam_id: '',
        created_by: group.creator,
        updated_by: group.creator,
        deleted_by: null,
        prefs: { channels: [], groups: [] },
        ...(call.args.flag('include_users') ? { users: group.users } : {}),
        ...(call.args.flag('include_count') ? { user_count: group.users.length } : {}),
      })),
    }),
  },
};
