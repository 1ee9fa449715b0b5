CREATE TABLE due_work (name TEXT PRIMARY KEY, due_ms INTEGER NOT NULL) WITHOUT ROWID;

-- One row. `tag` names this storage in sync tokens. `floor`: positions up to it are used even where no row
-- shows it. `listed_rooms` counts `rooms.listed`, so that no list has to.
CREATE TABLE stream (tag TEXT NOT NULL, floor INTEGER NOT NULL, listed_rooms INTEGER NOT NULL);
INSERT INTO stream (tag, floor, listed_rooms) VALUES (lower(hex(randomblob(4))), 0, 0);

-- What an administrator took from the user: `locked`, `suspended`.
CREATE TABLE restrictions (kind TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE devices (
  device_id TEXT PRIMARY KEY,
  display_name TEXT,
  created_ms INTEGER NOT NULL,
  last_seen_ms INTEGER,
  last_seen_ip TEXT,
  one_time_key_counts TEXT NOT NULL DEFAULT '{}',
  unused_fallback_key_types TEXT NOT NULL DEFAULT '[]'
) WITHOUT ROWID;

-- Tokens as base64url SHA-256. An expired row stays for a while, so that its token is refused softly.
-- `replaces`: the session this one was refreshed from, which goes on until this one is used.
-- `refresh_spent`: the refresh token was exchanged, and is kept to be known when it comes again.
CREATE TABLE sessions (
  access_token_hash TEXT PRIMARY KEY,
  device_id TEXT NOT NULL,
  expires_ms INTEGER,
  refresh_token_hash TEXT,
  replaces TEXT,
  refresh_spent INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX sessions_by_device ON sessions (device_id);
CREATE INDEX sessions_by_refresh_token ON sessions (refresh_token_hash) WHERE refresh_token_hash IS NOT NULL;

-- Devices that signed in by OAuth, and what their clients may do.
CREATE TABLE oauth_grants (
  device_id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  granted_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- Authorization codes as base64url SHA-256. A used one stays until it expires, to be known when it comes again.
CREATE TABLE oauth_codes (
  code_hash TEXT PRIMARY KEY,
  client_id TEXT NOT NULL,
  client_name TEXT,
  redirect_uri TEXT NOT NULL,
  challenge TEXT NOT NULL,
  scope TEXT NOT NULL,
  device_id TEXT NOT NULL,
  refreshable INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  used_by TEXT                        -- hash of the access token that it was exchanged for
) WITHOUT ROWID;

-- Browsers that are logged in to our own pages, by the hash of their cookie.
CREATE TABLE browser_sessions (token_hash TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) WITHOUT ROWID;

-- Tokens of `m.login.token` by their hash. Used up by one DELETE.
CREATE TABLE login_tokens (token_hash TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) WITHOUT ROWID;

-- What the user has allowed on our pages for a time (`cross_signing_reset`; `uia:` and the hash of a session).
CREATE TABLE approvals (action TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) WITHOUT ROWID;

-- A message writes this row and its entry in `rooms_by_recency`. All columns `…_at` are stream positions.
CREATE TABLE rooms (
  room_id TEXT PRIMARY KEY,
  membership TEXT NOT NULL,
  listed INTEGER NOT NULL,            -- in room lists: joined, invited, knocked, kicked, banned
  forgotten INTEGER NOT NULL DEFAULT 0,
  room_position INTEGER NOT NULL,     -- the room's own position reached
  ring_start INTEGER NOT NULL,        -- `ring` has no hole behind this position of the room
  event_at INTEGER NOT NULL,          -- last event or change of membership: the order of lists
  change_at INTEGER NOT NULL DEFAULT 0, -- last other change: counts, typing, summary
  member_at INTEGER NOT NULL,         -- last change of the own membership
  state_at INTEGER NOT NULL DEFAULT 0,
  summary_at INTEGER NOT NULL DEFAULT 0,
  whole_at INTEGER NOT NULL DEFAULT 0, -- -1 while the room lacks most members; else since when it does not
  counts_at INTEGER NOT NULL DEFAULT 0,
  typing_at INTEGER NOT NULL DEFAULT 0,
  bump_stamp INTEGER NOT NULL,
  room_type TEXT,
  encrypted INTEGER NOT NULL DEFAULT 0,
  joined_count INTEGER NOT NULL DEFAULT 0,
  invited_count INTEGER NOT NULL DEFAULT 0,
  heroes TEXT NOT NULL DEFAULT '[]',
  unread TEXT NOT NULL DEFAULT '{}',  -- counts and read positions, see `notification-counts.ts`
  typing TEXT NOT NULL DEFAULT '[]',
  stripped_state TEXT                 -- while invited or knocking
) WITHOUT ROWID;
CREATE INDEX rooms_by_recency ON rooms (listed, event_at);
CREATE INDEX rooms_by_change ON rooms (change_at);
CREATE INDEX rooms_invited ON rooms (event_at) WHERE membership IN ('invite', 'knock');

-- The latest 64 events of each room, overwritten in turn: slot = room_position % 64.
CREATE TABLE ring (
  room_id TEXT NOT NULL,
  slot INTEGER NOT NULL,
  room_position INTEGER NOT NULL,
  position INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  flags INTEGER NOT NULL,             -- 1 notifies, 2 highlights
  thread_id TEXT,
  txn_device_id TEXT,
  txn_id TEXT,
  event TEXT NOT NULL,
  PRIMARY KEY (room_id, slot)
) WITHOUT ROWID;

-- All state but members, and the members that are of use: oneself, senders, heroes, those who changed.
CREATE TABLE room_state (
  room_id TEXT NOT NULL,
  type TEXT NOT NULL,
  state_key TEXT NOT NULL,
  event_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (room_id, type, state_key)
) WITHOUT ROWID;

-- `thread_id` is '' for an unthreaded receipt.
CREATE TABLE receipts (
  room_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  type TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  ts INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (room_id, user_id, type, thread_id)
) WITHOUT ROWID;
CREATE INDEX receipts_by_position ON receipts (position);
CREATE INDEX receipts_by_event ON receipts (room_id, event_id);

-- `room_id` is '' for global account data.
CREATE TABLE account_data (
  room_id TEXT NOT NULL,
  type TEXT NOT NULL,
  content TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (room_id, type)
) WITHOUT ROWID;
CREATE INDEX account_data_by_position ON account_data (position);

-- Threads that were ever subscribed to or unsubscribed from (MSC4306). `automatic`: a client did it by itself.
-- `unsubscribed_at`: the room's position then, 0 while subscribed.
CREATE TABLE thread_subscriptions (
  room_id TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  subscribed INTEGER NOT NULL,
  automatic INTEGER NOT NULL,
  unsubscribed_at INTEGER NOT NULL,
  PRIMARY KEY (room_id, thread_id)
) WITHOUT ROWID;
CREATE INDEX thread_subscriptions_by_position ON thread_subscriptions (position);

-- Of oneself, and of people of this server with whom a room is shared. `untold`: what they have not been told:
-- 0 nothing, 1 the own presence (they may not share a room any more), 2 the same, having just come into a room.
CREATE TABLE presence (
  user_id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  status_msg TEXT,
  last_active_ms INTEGER NOT NULL,
  position INTEGER NOT NULL,
  untold INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX presence_by_position ON presence (position);

CREATE TABLE filters (filter_id TEXT PRIMARY KEY, filter TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE to_device (
  device_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (device_id, position)
) WITHOUT ROWID;
-- Devices that nobody is logged in with, but that are sent messages (MSC3814).
CREATE TABLE dehydrated_inboxes (device_id TEXT PRIMARY KEY) WITHOUT ROWID;
-- Outlives the message, so that a delivery repeated after it was read is dropped too.
CREATE TABLE to_device_ids (
  device_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  PRIMARY KEY (device_id, message_id)
) WITHOUT ROWID;

-- The latest change per user. `gone`: no encrypted room is shared any more.
CREATE TABLE device_lists (user_id TEXT PRIMARY KEY, position INTEGER NOT NULL, gone INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX device_lists_by_position ON device_lists (position);
-- Joined members of the encrypted rooms one is in. since_ms: since when without a break, at the latest.
CREATE TABLE encrypted_members (
  user_id TEXT NOT NULL,
  room_id TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (user_id, room_id)
) WITHOUT ROWID;
CREATE INDEX encrypted_members_by_room ON encrypted_members (room_id);

-- Sliding sync, see `sliding-sync/connections.ts`.
CREATE TABLE sliding_connections (
  connection INTEGER PRIMARY KEY,
  device_id TEXT NOT NULL,
  conn_id TEXT NOT NULL,
  base_seq INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  state TEXT NOT NULL,
  previous_seq INTEGER,
  previous_state TEXT,
  last_seq INTEGER NOT NULL,
  used_ms INTEGER NOT NULL,
  UNIQUE (device_id, conn_id)
);
CREATE TABLE sliding_rooms (
  connection INTEGER NOT NULL,
  room_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  state TEXT NOT NULL,
  previous_seq INTEGER,
  previous_state TEXT,
  PRIMARY KEY (connection, room_id)
) WITHOUT ROWID;

-- Where notifications go. `told_unread`: the count that the app shows, as far as is known. `failing_since_ms`:
-- of the first failure since the last success.
CREATE TABLE pushers (
  pusher INTEGER PRIMARY KEY,
  app_id TEXT NOT NULL,
  pushkey TEXT NOT NULL,
  device_id TEXT NOT NULL,
  set_ms INTEGER NOT NULL,
  details TEXT NOT NULL,
  told_unread INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  failing_since_ms INTEGER,
  next_ms INTEGER NOT NULL DEFAULT 0,
  UNIQUE (app_id, pushkey)
);
-- Notifications to be sent, written with the event that causes them. `position` is that of the stream.
CREATE TABLE pushes (
  pusher INTEGER NOT NULL,
  position INTEGER NOT NULL,
  room_id TEXT NOT NULL,
  room_position INTEGER NOT NULL,     -- 0: an invitation
  thread_id TEXT,
  event_id TEXT NOT NULL,
  tweaks TEXT NOT NULL,
  high INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (pusher, position)
) WITHOUT ROWID;
