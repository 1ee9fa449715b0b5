CREATE TABLE due_work (name TEXT PRIMARY KEY, due_ms INTEGER NOT NULL) WITHOUT ROWID;

-- One row. `extremities`: JSON list of event ids, oldest first; NULL means the newest event of the timeline alone, so
-- that the ordinary message does not write this row. `importing`: not NULL while not all of a room that began elsewhere
-- is here yet, so that nobody sees it; then the number of rows in `import_waiting`.
CREATE TABLE room (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  room_id TEXT NOT NULL,
  version TEXT NOT NULL,
  extremities TEXT,
  purged_up_to INTEGER,
  importing INTEGER
);

-- All events of the room. The timeline has the positive positions, in order of acceptance; a gap in it is a hole in the
-- numbers. Negative: not in the timeline, because it is rejected, soft-failed or hidden, or known only as part of a
-- state or as proof of another's right.
-- `verdict`: NULL for accepted, else `rejected` or `softFailed`.
-- `line`, `step`: where its state is found if that is not the room's own line (table `lines`).
-- `rank`, of state events: greater than that of each of its auth events.
-- `pdu` is replaced by its redacted form when `redacted_by` (an event id) is set. `affects`: event ids, separated by
-- spaces, of older events whose served form changed with this one. `device_id`, `txn_id`, `type`: the request that
-- made the event. `outbound`: other servers are to be told of it by this one.
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  state_key TEXT,
  sender TEXT NOT NULL,
  origin_server_ts INTEGER NOT NULL,
  pdu TEXT NOT NULL,
  verdict TEXT,
  line INTEGER,
  step INTEGER,
  rank INTEGER,
  redacted_by TEXT,
  affects TEXT,
  device_id TEXT,
  txn_id TEXT,
  came_ms INTEGER NOT NULL,
  outbound INTEGER
);
CREATE INDEX outbound_events ON events (position) WHERE outbound IS NOT NULL;
CREATE UNIQUE INDEX events_by_transaction ON events (txn_id, device_id, sender, type) WHERE txn_id IS NOT NULL;

-- Messages that were purged. They keep their place in the graph, and do not come again.
CREATE TABLE purged_events (
  event_id TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  line INTEGER,
  step INTEGER
) WITHOUT ROWID;

-- The state behind all forward extremities, in force since the event at `since`. `membership` is set for member
-- events only.
CREATE TABLE current_state (
  type TEXT NOT NULL,
  state_key TEXT NOT NULL,
  position INTEGER NOT NULL,
  since INTEGER NOT NULL,
  membership TEXT,
  PRIMARY KEY (type, state_key)
) WITHOUT ROWID;
CREATE INDEX current_members ON current_state (membership, position) WHERE membership IS NOT NULL;

-- How many members `current_state` has of each membership.
CREATE TABLE member_counts (membership TEXT PRIMARY KEY, members INTEGER NOT NULL) WITHOUT ROWID;

-- Other servers with members in the room, since the event at `since`. `until`: its last member left by that event, and it
-- has not acknowledged that yet.
CREATE TABLE joined_servers (
  server TEXT PRIMARY KEY,
  members INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER
) WITHOUT ROWID;

-- The room's own line: every change of its state. Behind the event at `since`, this key was set by the event at
-- `position`; NULL: it was set no more.
CREATE TABLE state_history (
  type TEXT NOT NULL,
  state_key TEXT NOT NULL,
  since INTEGER NOT NULL,
  position INTEGER,
  membership TEXT,
  local INTEGER,
  PRIMARY KEY (type, state_key, since)
) WITHOUT ROWID;
CREATE INDEX state_changes ON state_history (since);
-- `local`: the member is of this server.
CREATE INDEX local_memberships ON state_history (since) WHERE local IS NOT NULL;

-- Lines of events that did not follow on all that this server knew: forks, what came after a gap, what was rejected.
-- A line leaves its parent (0: the room's own line) at `parent_at`; `steps` counts its events.
CREATE TABLE lines (
  line INTEGER PRIMARY KEY,
  parent INTEGER NOT NULL,
  parent_at INTEGER NOT NULL,
  depth INTEGER NOT NULL,
  steps INTEGER NOT NULL
);

-- What differs on a line from its parent. `at`: twice the step of the event before which this is so, plus one for
-- what is so behind it. `position` as in `state_history`.
CREATE TABLE line_state (
  line INTEGER NOT NULL,
  type TEXT NOT NULL,
  state_key TEXT NOT NULL,
  at INTEGER NOT NULL,
  position INTEGER,
  PRIMARY KEY (line, type, state_key, at)
) WITHOUT ROWID;

-- Holes in the timeline below `position`. `missing`: JSON list of the ids of the events before it that are not there.
CREATE TABLE gaps (position INTEGER PRIMARY KEY, missing TEXT NOT NULL);

-- Of a room that is being imported, or whose state is being fetched: events whose auth events have not come yet. `is_state`: part of the room's state.
CREATE TABLE import_waiting (
  event_id TEXT PRIMARY KEY,
  auth_events TEXT NOT NULL,
  pdu TEXT NOT NULL,
  is_state INTEGER NOT NULL
) WITHOUT ROWID;

-- One row from a join without the room's members on until they are here: `join_id`: the state before this event is to
-- be fetched; it is in force since `since`. `servers`: JSON list of those in the room, as was told with the join.
-- `attempts`: to fetch it. `is_complete`: it is here, and the users have still to be told.
CREATE TABLE partial_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  join_id TEXT NOT NULL,
  since INTEGER NOT NULL,
  servers TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  is_complete INTEGER
);

-- As far as that state has come. Columns as in `state_history`.
CREATE TABLE fetched_state (
  type TEXT NOT NULL,
  state_key TEXT NOT NULL,
  position INTEGER NOT NULL,
  membership TEXT,
  local INTEGER,
  PRIMARY KEY (type, state_key)
) WITHOUT ROWID;

-- Meanwhile: members who are in the state since `since` only because an event of theirs names their membership.
CREATE TABLE guessed_members (user_id TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;

-- Redactions whose target is not there yet.
CREATE TABLE early_redactions (
  target_id TEXT NOT NULL,
  redaction_id TEXT NOT NULL,
  PRIMARY KEY (target_id, redaction_id)
) WITHOUT ROWID;

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

-- `replies`: how many rows with `m.thread` and depth 1 the root has in `relations`; `latest`: the last of their
-- positions, NULL if there is none any more.
CREATE TABLE threads (root_id TEXT PRIMARY KEY, replies INTEGER NOT NULL, latest INTEGER) WITHOUT ROWID;
CREATE INDEX latest_threads ON threads (latest) WHERE latest IS NOT NULL;

-- Words of messages, names and topics of the timeline, by position. Not of an encrypted room.
CREATE VIRTUAL TABLE search_index USING fts5(
  body, name, topic, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2'
);

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

-- Events to be sent later, `delay_ms` after `running_since_ms`. The other columns are those of `events`.
CREATE TABLE delayed_events (
  delay_id TEXT PRIMARY KEY,
  sender TEXT NOT NULL,
  type TEXT NOT NULL,
  state_key TEXT,
  content TEXT NOT NULL,
  redacts TEXT,
  device_id TEXT,
  txn_id TEXT,
  origin_server_ts INTEGER,
  delay_ms INTEGER NOT NULL,
  running_since_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- Users who forgot the room, with the position up to which they forgot it.
CREATE TABLE forgotten (user_id TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
