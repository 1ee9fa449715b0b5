/**
 * The differences between room versions, as behaviours. Nothing else in the server compares versions; each
 * record below is the one before it with its own changes.
 * Source: https://spec.matrix.org/v1.16/rooms/
 */
export interface RoomVersion {
  id: string;
  /** `assigned`: `$opaque:domain` inside the event; else the reference hash in one of two alphabets. */
  eventIds: 'assigned' | 'base64' | 'base64url';
  /** `createHash`: the id of the create event, which then has no `room_id` and is nobody's auth event. */
  roomIds: 'domain' | 'createHash';
  stateResolution: 'v1' | 'v2' | 'v2.1';
  /** Floats and large integers make an event invalid. */
  strictCanonicalJson: boolean;
  /**
   * An event whose `type` or `state_key` has more than 255 bytes is none. Before, servers counted code points: such
   * an event exists, as a rejected one, since others build on it.
   */
  countsIdentifiersInBytes: boolean;
  /** A key counts only for events from before its `valid_until_ts`. */
  enforcesKeyValidity: boolean;
  /** Where the create event names the creator. */
  creator: 'content' | 'sender';
  /** Creators, also additional ones, stand above all power levels and are absent from them. */
  creatorsHaveInfinitePower: boolean;
  /** How power levels may be written besides integers. */
  powerLevels: 'floatsAndStrings' | 'strings' | 'integers';
  /** Changes of `notifications` in power levels need power, like those of `events`. */
  guardsNotificationLevels: boolean;
  authorizesAliases: boolean;
  /** Authorization decides on redactions; later the receiver decides whether to apply them. */
  authorizesRedactions: boolean;
  knocking: boolean;
  restrictedJoins: boolean;
  knockRestrictedJoins: boolean;
  /** Where a redaction names its target. */
  redacts: 'topLevel' | 'content';
  redaction: RedactionRules;
}

/** What redaction leaves of an event. */
export interface RedactionRules {
  keys: readonly string[];
  /** By event type, the keys of `content` that stay; `all` of them, or paths of one or two steps. */
  content: Readonly<Record<string, readonly string[] | 'all'>>;
}

const v1: RoomVersion = {
  id: '1',
  eventIds: 'assigned',
  roomIds: 'domain',
  stateResolution: 'v1',
  strictCanonicalJson: false,
  countsIdentifiersInBytes: false,
  enforcesKeyValidity: false,
  creator: 'content',
  creatorsHaveInfinitePower: false,
  powerLevels: 'floatsAndStrings',
  guardsNotificationLevels: false,
  authorizesAliases: true,
  authorizesRedactions: true,
  knocking: false,
  restrictedJoins: false,
  knockRestrictedJoins: false,
  redacts: 'topLevel',
  redaction: {
    keys: [
      'event_id',
      'type',
      'room_id',
      'sender',
      'state_key',
      'content',
      'hashes',
      'signatures',
      'depth',
      'prev_events',
      'prev_state',
      'auth_events',
      'origin',
      'origin_server_ts',
      'membership',
    ],
    content: {
      'm.room.member': ['membership'],
      'm.room.create': ['creator'],
      'm.room.join_rules': ['join_rule'],
      'm.room.power_levels': [
        'ban',
        'events',
        'events_default',
        'kick',
        'redact',
        'state_default',
        'users',
        'users_default',
      ],
      'm.room.aliases': ['aliases'],
      'm.room.history_visibility': ['history_visibility'],
    },
  },
};

const v2: RoomVersion = { ...v1, id: '2', stateResolution: 'v2' };

const v3: RoomVersion = { ...v2, id: '3', eventIds: 'base64', authorizesRedactions: false };

const v4: RoomVersion = { ...v3, id: '4', eventIds: 'base64url' };

const v5: RoomVersion = { ...v4, id: '5', enforcesKeyValidity: true };

const { 'm.room.aliases': _, ...contentWithoutAliases } = v5.redaction.content;

const v6: RoomVersion = {
  ...v5,
  id: '6',
  strictCanonicalJson: true,
  powerLevels: 'strings',
  guardsNotificationLevels: true,
  authorizesAliases: false,
  redaction: { ...v5.redaction, content: contentWithoutAliases },
};

const v7: RoomVersion = { ...v6, id: '7', knocking: true };

const v8: RoomVersion = {
  ...v7,
  id: '8',
  restrictedJoins: true,
  redaction: keepingInContent(v7.redaction, { 'm.room.join_rules': ['allow'] }),
};

const v9: RoomVersion = {
  ...v8,
  id: '9',
  redaction: keepingInContent(v8.redaction, { 'm.room.member': ['join_authorised_via_users_server'] }),
};

const v10: RoomVersion = { ...v9, id: '10', powerLevels: 'integers', knockRestrictedJoins: true };

const v11: RoomVersion = {
  ...v10,
  id: '11',
  countsIdentifiersInBytes: true,
  creator: 'sender',
  redacts: 'content',
  redaction: {
    keys: v10.redaction.keys.filter((key) => !['origin', 'membership', 'prev_state'].includes(key)),
    content: {
      ...keepingInContent(v10.redaction, {
        'm.room.member': ['third_party_invite.signed'],
        'm.room.power_levels': ['invite'],
        'm.room.redaction': ['redacts'],
      }).content,
      'm.room.create': 'all',
    },
  },
};

const v12: RoomVersion = {
  ...v11,
  id: '12',
  roomIds: 'createHash',
  stateResolution: 'v2.1',
  creatorsHaveInfinitePower: true,
};

/** By id. */
export const roomVersions: Readonly<Record<string, RoomVersion>> = Object.fromEntries(
  [v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12].map((version) => [version.id, version]),
);

export function roomVersion(id: string): RoomVersion | undefined {
  return Object.hasOwn(roomVersions, id) ? roomVersions[id] : undefined;
}

function keepingInContent(rules: RedactionRules, more: Record<string, string[]>): RedactionRules {
  const content: Record<string, readonly string[] | 'all'> = { ...rules.content };
  for (const [type, keys] of Object.entries(more)) {
    const kept = content[type] ?? [];
    content[type] = kept === 'all' ? kept : [...kept, ...keys];
  }
  return { ...rules, content };
}
