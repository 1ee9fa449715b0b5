CREATE TABLE due_work (name TEXT PRIMARY KEY, due_ms INTEGER NOT NULL) WITHOUT ROWID;

-- One row: what the room was last given.
CREATE TABLE portal (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  room_id TEXT,
  room_ready INTEGER NOT NULL DEFAULT 0,
  history_done INTEGER NOT NULL DEFAULT 0,
  info TEXT,
  avatar_id TEXT,
  outage_told INTEGER NOT NULL DEFAULT 0
);

-- Both directions in order of arrival. Done rows stay for a while, so that a repeated delivery is known.
CREATE TABLE lane (
  position INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  direction TEXT NOT NULL,
  login_id TEXT,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  waits_for TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_ms INTEGER NOT NULL,
  reason TEXT,
  queued_ms INTEGER NOT NULL
);

CREATE INDEX lane_queued ON lane (position) WHERE state = 'queued';
CREATE INDEX lane_parked ON lane (waits_for) WHERE state = 'parked';
CREATE INDEX lane_dead ON lane (position) WHERE state = 'dead';

-- Several rows per message (its parts), and several per event (a long one, split). While a message is on its
-- way into the room, those of the parts that are there already are marked `arriving`.
CREATE TABLE message_map (
  remote_id TEXT NOT NULL,
  part TEXT NOT NULL,
  event_id TEXT NOT NULL,
  sender TEXT NOT NULL,
  thread_root TEXT,
  content_hash TEXT,
  timestamp_ms INTEGER NOT NULL,
  edited_ms INTEGER NOT NULL DEFAULT 0,
  removed INTEGER NOT NULL DEFAULT 0,
  arriving INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (remote_id, part)
) WITHOUT ROWID;

CREATE UNIQUE INDEX message_map_by_event ON message_map (event_id, remote_id);

CREATE TABLE reaction_map (
  message_id TEXT NOT NULL,
  reactor TEXT NOT NULL,
  emoji TEXT NOT NULL,
  event_id TEXT NOT NULL UNIQUE,
  sender TEXT NOT NULL,
  login_id TEXT NOT NULL,
  timestamp_ms INTEGER NOT NULL,
  PRIMARY KEY (message_id, reactor, emoji)
) WITHOUT ROWID;

CREATE TABLE outbox (
  event_id TEXT NOT NULL,
  part INTEGER NOT NULL,
  mark TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  remote_id TEXT,
  attempts INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  reason TEXT,
  PRIMARY KEY (event_id, part)
) WITHOUT ROWID;

-- Ghosts that are in the room, and when their profile was last compared with the network's.
CREATE TABLE members (
  remote_user_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  joined INTEGER NOT NULL,
  checked_ms INTEGER NOT NULL
) WITHOUT ROWID;
