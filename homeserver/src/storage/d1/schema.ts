import { isNull } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * The homeserver's D1 tables, as `migrations/d1/homeserver/` makes them. D1 holds what is asked across
 * objects; nothing here is on the hot path of sending or syncing.
 */

/** Users of this server. `appservice_id`: a ghost or bot, which has no password and no sync object. */
export const accounts = sqliteTable('accounts', {
  userId: text('user_id').primaryKey(),
  passwordHash: text('password_hash'),
  isAdmin: integer('is_admin', { mode: 'boolean' }).notNull().default(false),
  appserviceId: text('appservice_id'),
  createdMs: integer('created_ms').notNull(),
  deactivatedMs: integer('deactivated_ms'),
});

/** One JSON value per profile field: `displayname`, `avatar_url`, and the extended ones. */
export const profileFields = sqliteTable(
  'profile_fields',
  { userId: text('user_id').notNull(), name: text('name').notNull(), value: text('value').notNull() },
  (table) => [primaryKey({ columns: [table.userId, table.name] })],
);

/** Invitations to register; consumed by one `UPDATE … WHERE uses_left > 0`. */
export const registrationTokens = sqliteTable('registration_tokens', {
  tokenHash: text('token_hash').primaryKey(),
  usesLeft: integer('uses_left').notNull(),
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

/** Media ids are random; blobs are stored once per content hash (SHA-256, base64url). */
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
  },
  (table) => [
    index('media_by_hash').on(table.contentHash),
    index('media_by_uploader').on(table.uploader, table.sizeBytes),
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

/** What users report to the owner; nothing deletes them. `user_id` of an event is its sender. */
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
  (table) => [index('reports_by_reporter').on(table.reporter, table.receivedMs)],
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
