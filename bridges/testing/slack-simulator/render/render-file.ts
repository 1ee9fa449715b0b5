import type { SlackFile, Team, World } from '../world.ts';

function shareEntry(team: Team, share: SlackFile['shares'][number], userId: string): Record<string, unknown> {
  return {
    reply_users: [],
    reply_users_count: 0,
    reply_count: 0,
    ts: share.ts,
    ...(share.threadTs ? { thread_ts: share.threadTs } : {}),
    channel_name: team.channels.get(share.channelId)?.name ?? '',
    team_id: team.id,
    share_user_id: userId,
    source: 'UNKNOWN',
    is_silent_share: false,
  };
}

function shares(team: Team, file: SlackFile): Record<string, unknown> {
  const kinds: Record<'public' | 'private', Record<string, unknown[]>> = { public: {}, private: {} };
  for (const share of file.shares) {
    const kind = team.channels.get(share.channelId)?.kind === 'channel' ? 'public' : 'private';
    const entries = kinds[kind][share.channelId] ?? [];
    entries.push(shareEntry(team, share, file.userId));
    kinds[kind][share.channelId] = entries;
  }
  return Object.fromEntries(
    Object.entries(kinds).filter(([, byChannel]) => Object.keys(byChannel).length > 0),
  );
}

function channelIds(team: Team, file: SlackFile, kinds: string[]): string[] {
  const ids = file.shares
    .map((share) => share.channelId)
    .filter((id) => kinds.includes(team.channels.get(id)?.kind ?? ''));
  return [...new Set(ids)];
}

/** A file as messages, `files.info` and `files.completeUploadExternal` show it. */
export function renderFile(
  world: World,
  file: SlackFile,
  options: { withShares: boolean; asSharedByOthers?: boolean } = { withShares: false },
): Record<string, unknown> {
  const team = world.teams.get(file.teamId);
  if (!team) throw new Error(`no team ${file.teamId}`);
  if (file.deleted) return { id: file.id, mode: 'tombstone' };
  if (options.asSharedByOthers && file.access) {
    return { id: file.id, created: file.createdS, timestamp: file.createdS, file_access: file.access };
  }
  const base = `${world.origin}/files-pri/${team.id}-${file.id}`;
  const safeName = encodeURIComponent(file.name);
  return {
    id: file.id,
    created: file.createdS,
    timestamp: file.createdS,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.filetype,
    pretty_type: file.filetype.toUpperCase(),
    user: file.userId,
    user_team: team.id,
    editable: false,
    size: file.bytes.length,
    mode: 'hosted',
    is_external: false,
    external_type: '',
    is_public: channelIds(team, file, ['channel']).length > 0,
    public_url_shared: false,
    display_as_bot: false,
    username: '',
    url_private: `${base}/${safeName}`,
    url_private_download: `${base}/download/${safeName}`,
    permalink: `https://${team.domain}.slack.com/files/${file.userId}/${file.id}/${safeName}`,
    permalink_public: `https://slack-files.com/${team.id}-${file.id}-0000000000`,
    has_rich_preview: false,
    file_access: 'visible',
    media_display_type: 'unknown',
    ...(options.withShares
      ? {
          comments_count: 0,
          is_starred: false,
          shares: shares(team, file),
          channels: channelIds(team, file, ['channel']),
          groups: channelIds(team, file, ['group']),
          ims: channelIds(team, file, ['im', 'mpim']),
          has_more_shares: false,
        }
      : {}),
  };
}
