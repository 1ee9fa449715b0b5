CREATE TABLE due_work (name TEXT PRIMARY KEY, due_ms INTEGER NOT NULL) WITHOUT ROWID;

-- One row. `extremities`: JSON list of event ids; NULL means the newest event alone, so that the ordinary
-- message does not write this row.
CREATE TABLE room (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  room_id TEXT NOT NULL,
  version TEXT NOT NULL,
  extremities TEXT
);

-- Accepted events in the order of acceptance. `pdu` is replaced by its redacted form when `redacted_by`
-- (an event id) is set. `affects`: event ids, separated by spaces, of older events whose served form changed with
-- this one. `device_id`, `txn_id`, `type`: the request that made the event.
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  state_key TEXT,
  sender TEXT NOT NULL,
  origin_server_ts INTEGER NOT NULL,
  pdu TEXT NOT NULL,
  redacted_by TEXT,
  affects TEXT,
  device_id TEXT,
  txn_id TEXT
);
CREATE UNIQUE INDEX events_by_transaction ON events (txn_id, device_id, sender, type) WHERE txn_id IS NOT NULL;

-- The state behind the newest event. `membership` is set for member events only.
CREATE TABLE current_state (
  type TEXT NOT NULL,
  state_key TEXT NOT NULL,
  position INTEGER NOT NULL,
  membership TEXT,
  PRIMARY KEY (type, state_key)
) WITHOUT ROWID;
CREATE INDEX current_members ON current_state (membership, position) WHERE membership IS NOT NULL;

-- How many members `current_state` has of each membership.
CREATE TABLE member_counts (membership TEXT PRIMARY KEY, members INTEGER NOT NULL) WITHOUT ROWID;

-- Every change of the state: behind event `since`, this key was set by the event at `position`.
CREATE TABLE state_history (
  type TEXT NOT NULL,
  state_key TEXT NOT NULL,
  since INTEGER NOT NULL,
  position INTEGER NOT NULL,
  membership TEXT,
  PRIMARY KEY (type, state_key, since)
) WITHOUT ROWID;
CREATE INDEX membership_changes ON state_history (since) WHERE membership IS NOT NULL;

-- The events that relate to `target_id`: themselves (`depth` 1), or through others. Redacted ones do not any more.
CREATE TABLE relations (
  target_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  depth INTEGER NOT NULL,
  rel_type TEXT NOT NULL,
  sender TEXT NOT NULL,
  origin_server_ts INTEGER NOT NULL,
  PRIMARY KEY (target_id, position)
) WITHOUT ROWID;
CREATE INDEX relations_by_type ON relations (target_id, rel_type, position);
CREATE INDEX relations_by_sender ON relations (target_id, rel_type, sender, origin_server_ts) WHERE depth = 1;

-- `replies`: how many rows with `m.thread` and depth 1 the root has in `relations`.
CREATE TABLE threads (root_id TEXT PRIMARY KEY, replies INTEGER NOT NULL) WITHOUT ROWID;

-- `thread_id`: empty for receipts without a thread.
CREATE TABLE receipts (
  user_id TEXT NOT NULL,
  type TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  ts INTEGER NOT NULL,
  PRIMARY KEY (user_id, type, thread_id)
) WITHOUT ROWID;

-- Outbox: local users who have not yet acknowledged the change of their own membership at `position`.
CREATE TABLE pending_members (user_id TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;

-- Users who forgot the room, with the position up to which they forgot it.
CREATE TABLE forgotten (user_id TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
