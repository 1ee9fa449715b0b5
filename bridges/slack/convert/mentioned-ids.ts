import { isJsonObject } from '../../../matrix/json.ts';

export interface MentionedIds {
  users: Set<string>;
  channels: Set<string>;
  usergroups: Set<string>;
  /** `@here`, `@channel` or `@everyone`. */
  everyone: boolean;
}

/** A message that names more people than this is a list, not a call. */
const maxIds = 50;

/** Collects what rich text refers to, wherever it is nested. */
export function mentionedIds(blocks: readonly unknown[]): MentionedIds {
  const found: MentionedIds = {
    users: new Set(),
    channels: new Set(),
    usergroups: new Set(),
    everyone: false,
  };
  const queue = [...blocks];
  for (let value = queue.shift(); value !== undefined; value = queue.shift()) {
    if (!isJsonObject(value)) continue;
    if (Array.isArray(value.elements)) queue.push(...value.elements);
    if (value.type === 'user') add(found.users, value.user_id);
    if (value.type === 'channel') add(found.channels, value.channel_id);
    if (value.type === 'usergroup') add(found.usergroups, value.usergroup_id);
    if (value.type === 'broadcast') found.everyone = true;
  }
  return found;
}

function add(ids: Set<string>, id: unknown): void {
  if (typeof id === 'string' && /^[A-Z0-9]{2,30}$/.test(id) && ids.size < maxIds) ids.add(id);
}
