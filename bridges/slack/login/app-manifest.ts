/** What a person's token may do. Without `search`: it is not needed and sees a lot. */
export const userScopes = [
  'channels:history',
  'channels:read',
  'channels:write',
  'chat:write',
  'emoji:read',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'groups:write',
  'im:history',
  'im:read',
  'im:write',
  'mpim:history',
  'mpim:read',
  'mpim:write',
  'reactions:read',
  'reactions:write',
  'team:read',
  'usergroups:read',
  'users:read',
] as const;

export const userEvents = [
  'channel_archive',
  'channel_left',
  'channel_rename',
  'channel_unarchive',
  'group_archive',
  'group_left',
  'group_open',
  'group_rename',
  'group_unarchive',
  'im_open',
  'member_joined_channel',
  'message.channels',
  'message.groups',
  'message.im',
  'message.mpim',
  'reaction_added',
  'reaction_removed',
  'team_domain_change',
  'team_rename',
  'user_change',
] as const;

/** The app as Slack is to make it ("App manifests"). */
export function appManifest(eventsUrl: string): object {
  return {
    display_information: {
      name: 'Roost',
      description: 'Brings your conversations to your own Matrix server',
    },
    oauth_config: { scopes: { user: userScopes } },
    settings: {
      event_subscriptions: { request_url: eventsUrl, user_events: userEvents },
      org_deploy_enabled: false,
      socket_mode_enabled: false,
      token_rotation_enabled: false,
    },
  };
}

export function newAppLink(manifest: object): string {
  return `https://api.slack.com/apps?new_app=1&manifest_json=${encodeURIComponent(JSON.stringify(manifest))}`;
}
