import { isNotNull, isNull, sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * The homeserver's D1 tables, as `migrations/d1/homeserver/` makes them. D1 holds what is asked across
 * objects; nothing here is on the hot path of sending or syncing.
 */

/**
 * Users of this server. `appservice_id`: a ghost or bot, which has no password and no sync object. `locked` and
 * `suspended` are copies for lists: what counts is in the user's object.
 */
export const accounts = sqliteTable(
  'accounts',
  {
    userId: text('user_id').primaryKey(),
    passwordHash: text('password_hash'),
    isAdmin: integer('is_admin', { mode: 'boolean' }).notNull().default(false),
    appserviceId: text('appservice_id'),
    createdMs: integer('created_ms').notNull(),
    deactivatedMs: integer('deactivated_ms'),
    erased: integer('erased', { mode: 'boolean' }).notNull().default(false),
    locked: integer('locked', { mode: 'boolean' }).notNull().default(false),
    suspended: integer('suspended', { mode: 'boolean' }).notNull().default(false),
  },
  (table) => [index('accounts_by_creation').on(table.createdMs)],
);

/** One JSON value per profile field: `displayname`, `avatar_url`, and the extended ones. */
export const profileFields = sqliteTable(
  'profile_fields',
  { userId: text('user_id').notNull(), name: text('name').notNull(), value: text('value').notNull() },
  (table) => [primaryKey({ columns: [table.userId, table.name] })],
);

/**
 * Invitations to register; consumed by one conditional `UPDATE`, so that `completed` never exceeds `uses_allowed`
 * (absent: no limit). `sealed_token`: for the owner to read again; absent for those that make administrators.
 */
export const registrationTokens = sqliteTable('registration_tokens', {
  tokenHash: text('token_hash').primaryKey(),
  sealedToken: text('sealed_token'),
  usesAllowed: integer('uses_allowed'),
  completed: integer('completed').notNull().default(0),
  isAdmin: integer('is_admin', { mode: 'boolean' }).notNull().default(false),
  createdMs: integer('created_ms').notNull(),
  expiresMs: integer('expires_ms'),
});

export const roomAliases = sqliteTable(
  'room_aliases',
  {
    alias: text('alias').primaryKey(),
    roomId: text('room_id').notNull(),
    creator: text('creator').notNull(),
    createdMs: integer('created_ms').notNull(),
  },
  (table) => [index('room_aliases_by_room').on(table.roomId)],
);

export const publicRooms = sqliteTable('public_rooms', {
  roomId: text('room_id').primaryKey(),
  listedBy: text('listed_by').notNull(),
  listedMs: integer('listed_ms').notNull(),
});

/** Rooms that an application service lists under a network of its own: `<service>|<network>`. */
export const networkRooms = sqliteTable(
  'network_rooms',
  { instanceId: text('instance_id').notNull(), roomId: text('room_id').notNull() },
  (table) => [primaryKey({ columns: [table.instanceId, table.roomId] })],
);

/** Media ids are random, or `<server>/<id>` with the server as uploader; blobs are stored once per content hash (SHA-256, base64url). */
export const media = sqliteTable(
  'media',
  {
    mediaId: text('media_id').primaryKey(),
    uploader: text('uploader').notNull(),
    contentHash: text('content_hash').notNull(),
    contentType: text('content_type').notNull(),
    fileName: text('file_name'),
    sizeBytes: integer('size_bytes').notNull(),
    createdMs: integer('created_ms').notNull(),
    /** The administrator who took it out of circulation. */
    quarantinedBy: text('quarantined_by'),
    /** Not to be quarantined. */
    protected: integer('protected', { mode: 'boolean' }).notNull().default(false),
  },
  (table) => [
    index('media_by_hash').on(table.contentHash),
    index('media_by_uploader').on(table.uploader, table.sizeBytes),
    index('media_by_uploader_and_age').on(table.uploader, table.createdMs),
    index('media_by_age').on(table.createdMs),
    index('remote_media').on(table.createdMs, table.sizeBytes).where(sql`uploader NOT LIKE '@%'`),
  ],
);

/** Media ids given out before their file is uploaded ("Asynchronous uploads"). */
export const pendingMedia = sqliteTable(
  'pending_media',
  {
    mediaId: text('media_id').primaryKey(),
    uploader: text('uploader').notNull(),
    expiresMs: integer('expires_ms').notNull(),
  },
  (table) => [index('pending_media_by_uploader').on(table.uploader)],
);

/** What users report to the owner, who alone deletes it. `user_id` of an event is its sender. */
export const reports = sqliteTable(
  'reports',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    reporter: text('reporter').notNull(),
    roomId: text('room_id'),
    eventId: text('event_id'),
    userId: text('user_id'),
    reason: text('reason').notNull(),
    receivedMs: integer('received_ms').notNull(),
  },
  (table) => [
    index('reports_by_reporter').on(table.reporter, table.receivedMs),
    index('reports_of_events').on(table.id).where(isNotNull(table.eventId)),
    index('reports_of_users').on(table.id).where(isNull(table.roomId)),
  ],
);

/** Whose pushers have an app's key, by its hash (SHA-256): a device that changes hands is told nothing more. */
export const pushkeys = sqliteTable(
  'pushkeys',
  {
    appId: text('app_id').notNull(),
    keyHash: text('key_hash').notNull(),
    userId: text('user_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.appId, table.keyHash, table.userId] })],
);

/**
 * Rooms that were upgraded, or are being: written before the new room is made, so that whoever goes on after a
 * crash makes the same one. `create_event`: the new room's, signed. `finished_ms` is null until all is done.
 */
export const roomUpgrades = sqliteTable('room_upgrades', {
  oldRoomId: text('old_room_id').primaryKey(),
  newRoomId: text('new_room_id').notNull(),
  newVersion: text('new_version').notNull(),
  upgrader: text('upgrader').notNull(),
  createEvent: text('create_event').notNull(),
  finishedMs: integer('finished_ms'),
});

/** Tokens that prove to third parties who a user is, by their hash (SHA-256). */
export const openidTokens = sqliteTable(
  'openid_tokens',
  {
    tokenHash: text('token_hash').primaryKey(),
    userId: text('user_id').notNull(),
    expiresMs: integer('expires_ms').notNull(),
  },
  (table) => [index('openid_tokens_by_expiry').on(table.expiresMs)],
);

/**
 * Clients that registered themselves (RFC 7591). The id is a hash of the metadata, so that a client that registers
 * at each login is one row. `used_ms` is null until somebody has signed in by it.
 */
export const oauthClients = sqliteTable(
  'oauth_clients',
  {
    clientId: text('client_id').primaryKey(),
    metadata: text('metadata').notNull(),
    createdMs: integer('created_ms').notNull(),
    usedMs: integer('used_ms'),
  },
  (table) => [index('oauth_clients_unused').on(table.createdMs).where(isNull(table.usedMs))],
);

/** Device authorization (RFC 8628), codes by their hash (SHA-256). Exchanged by one `DELETE … RETURNING`. */
export const oauthDeviceCodes = sqliteTable(
  'oauth_device_codes',
  {
    deviceCodeHash: text('device_code_hash').primaryKey(),
    userCodeHash: text('user_code_hash').notNull().unique(),
    clientId: text('client_id').notNull(),
    scope: text('scope').notNull(),
    deviceId: text('device_id').notNull(),
    state: text('state', { enum: ['pending', 'approved', 'denied'] }).notNull(),
    /** Who has allowed it. */
    userId: text('user_id'),
    polledMs: integer('polled_ms').notNull(),
    expiresMs: integer('expires_ms').notNull(),
  },
  (table) => [index('oauth_device_codes_by_expiry').on(table.expiresMs)],
);

/**
 * Where two devices meet that do not trust each other yet (MSC4108). The payload is encrypted between them. `version`
 * grows with each write, and a write names the one it replaces.
 */
export const rendezvousSessions = sqliteTable(
  'rendezvous_sessions',
  {
    sessionId: text('session_id').primaryKey(),
    payload: text('payload').notNull(),
    version: integer('version').notNull(),
    modifiedMs: integer('modified_ms').notNull(),
    expiresMs: integer('expires_ms').notNull(),
  },
  (table) => [index('rendezvous_sessions_by_expiry').on(table.expiresMs)],
);

/**
 * What lists of rooms show, for administrators: a copy that each room writes some seconds after its state has changed.
 * `database_bytes`: what its object stored then.
 */
export const roomIndex = sqliteTable(
  'room_index',
  {
    roomId: text('room_id').primaryKey(),
    name: text('name'),
    topic: text('topic'),
    avatarUrl: text('avatar_url'),
    canonicalAlias: text('canonical_alias'),
    creator: text('creator').notNull(),
    version: text('version').notNull(),
    roomType: text('room_type'),
    encryption: text('encryption'),
    federatable: integer('federatable', { mode: 'boolean' }).notNull(),
    joinRules: text('join_rules'),
    guestAccess: text('guest_access'),
    historyVisibility: text('history_visibility'),
    joinedMembers: integer('joined_members').notNull(),
    joinedLocalMembers: integer('joined_local_members').notNull(),
    stateEvents: integer('state_events').notNull(),
    databaseBytes: integer('database_bytes').notNull(),
  },
  (table) => [
    index('room_index_by_name').on(sql`${table.name} COLLATE NOCASE`),
    index('room_index_by_members').on(table.joinedMembers),
    index('room_index_by_size').on(table.databaseBytes),
  ],
);

/** Rooms that nobody of this server may enter any more. */
export const blockedRooms = sqliteTable('blocked_rooms', {
  roomId: text('room_id').primaryKey(),
  blockedBy: text('blocked_by').notNull(),
  blockedMs: integer('blocked_ms').notNull(),
});

/** What administrators have set off, and what became of it. `result`: JSON. */
export const adminTasks = sqliteTable(
  'admin_tasks',
  {
    taskId: text('task_id').primaryKey(),
    action: text('action').notNull(),
    resourceId: text('resource_id').notNull(),
    status: text('status', { enum: ['active', 'complete', 'failed'] }).notNull(),
    result: text('result'),
    error: text('error'),
    startedMs: integer('started_ms').notNull(),
    changedMs: integer('changed_ms').notNull(),
  },
  (table) => [
    index('admin_tasks_by_start').on(table.startedMs),
    index('admin_tasks_by_resource').on(table.resourceId, table.startedMs),
  ],
);

/** Passkeys (Web Authentication). `public_key`: its JWK and algorithm. */
export const passkeys = sqliteTable(
  'passkeys',
  {
    credentialId: text('credential_id').primaryKey(),
    userId: text('user_id').notNull(),
    name: text('name').notNull(),
    publicKey: text('public_key').notNull(),
    signCount: integer('sign_count').notNull(),
    createdMs: integer('created_ms').notNull(),
    usedMs: integer('used_ms'),
  },
  (table) => [index('passkeys_by_user').on(table.userId)],
);

/** Challenges that a passkey has answered, by their hash (SHA-256), so that none is answered twice. */
export const usedChallenges = sqliteTable(
  'used_challenges',
  {
    challengeHash: text('challenge_hash').primaryKey(),
    expiresMs: integer('expires_ms').notNull(),
  },
  (table) => [index('used_challenges_by_expiry').on(table.expiresMs)],
);

/**
 * Sessions of interactive authentication, by their hash, for which a registration token was given in a browser. The token
 * itself is used up by the registration.
 */
export const passedStages = sqliteTable(
  'passed_stages',
  {
    sessionHash: text('session_hash').primaryKey(),
    tokenHash: text('token_hash').notNull(),
    expiresMs: integer('expires_ms').notNull(),
  },
  (table) => [index('passed_stages_by_expiry').on(table.expiresMs)],
);

/** Recovery codes by their hash (HMAC-SHA-256). One is used by one `DELETE`. */
export const recoveryCodes = sqliteTable(
  'recovery_codes',
  {
    userId: text('user_id').notNull(),
    codeHash: text('code_hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.codeHash] })],
);

/** Who may log in by the account at another OpenID provider. */
export const externalIdentities = sqliteTable(
  'external_identities',
  {
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    userId: text('user_id').notNull(),
    linkedMs: integer('linked_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.issuer, table.subject] }),
    index('external_identities_by_user').on(table.userId),
  ],
);

/**
 * Keys of other servers, for ever. `valid_until_ms`: until when signatures by it count; of an old key (`is_old`) when
 * it was given up.
 */
export const serverKeys = sqliteTable(
  'server_keys',
  {
    serverName: text('server_name').notNull(),
    keyId: text('key_id').notNull(),
    /** Unpadded base64. */
    publicKey: text('public_key').notNull(),
    validUntilMs: integer('valid_until_ms').notNull(),
    isOld: integer('is_old', { mode: 'boolean' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverName, table.keyId] })],
);

/** What each server last said of its keys, as it signed it: for those who ask this server as a notary. */
export const serverKeyAnswers = sqliteTable('server_key_answers', {
  serverName: text('server_name').primaryKey(),
  answer: text('answer').notNull(),
  validUntilMs: integer('valid_until_ms').notNull(),
  fetchedMs: integer('fetched_ms').notNull(),
});
