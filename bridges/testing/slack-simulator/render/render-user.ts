import type { Team, User, World } from '../world.ts';

export function renderProfile(world: World, user: User): Record<string, unknown> {
  const avatar = (size: number) =>
    `${world.origin}/avatars/${user.teamId}-${user.id}-${user.avatarHash}-${size}.png`;
  const [firstName = '', ...rest] = user.realName.split(' ');
  return {
    title: '',
    phone: '',
    skype: '',
    real_name: user.realName,
    real_name_normalized: user.realName,
    display_name: user.displayName,
    display_name_normalized: user.displayName,
    status_text: '',
    status_emoji: '',
    status_emoji_display_info: [],
    status_expiration: 0,
    avatar_hash: user.avatarHash,
    first_name: firstName,
    last_name: rest.join(' '),
    image_24: avatar(24),
    image_32: avatar(32),
    image_48: avatar(48),
    image_72: avatar(72),
    image_192: avatar(192),
    image_512: avatar(512),
    image_1024: avatar(1024),
    image_original: avatar(0),
    is_custom_image: true,
    status_text_canonical: '',
    team: user.teamId,
    ...(user.isBot ? { bot_id: user.botId, api_app_id: user.appId, always_active: true } : {}),
  };
}

/** A user as `users.info`, `users.list` and `user_change` show one. */
export function renderUser(world: World, user: User): Record<string, unknown> {
  if (user.deleted) {
    return {
      id: user.id,
      team_id: user.teamId,
      name: user.name,
      deleted: true,
      profile: renderProfile(world, user),
      is_bot: user.isBot,
      is_app_user: false,
      updated: user.updatedS,
    };
  }
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: false,
    color: '9f69e7',
    real_name: user.realName,
    tz: 'Europe/Berlin',
    tz_label: 'Central European Time',
    tz_offset: 3600,
    profile: renderProfile(world, user),
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_bot: user.isBot,
    is_app_user: false,
    updated: user.updatedS,
    is_email_confirmed: true,
    who_can_share_contact_card: 'EVERYONE',
  };
}

export function renderTeam(world: World, team: Team): Record<string, unknown> {
  const icon = (size: number) => `${world.origin}/avatars/${team.id}-${size}.png`;
  return {
    id: team.id,
    name: team.name,
    domain: team.domain,
    url: `https://${team.domain}.slack.com/`,
    email_domain: '',
    icon: {
      image_34: icon(34),
      image_44: icon(44),
      image_68: icon(68),
      image_88: icon(88),
      image_102: icon(102),
      image_132: icon(132),
      image_230: icon(230),
      image_default: false,
    },
    is_verified: false,
    avatar_base_url: 'https://ca.slack-edge.com/',
  };
}
