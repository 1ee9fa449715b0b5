-- Position of each room up to which the service's share is queued. `sharing`: whether one of its users is in it,
-- `companions` then has the others; NULL if that was never told.
CREATE TABLE followed_rooms (
  room_id TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  sharing INTEGER
) WITHOUT ROWID;

-- Who is in a room with one of the service's users, and is none of them (MSC3202, device lists).
CREATE TABLE companions (
  user_id TEXT NOT NULL,
  room_id TEXT NOT NULL,
  PRIMARY KEY (user_id, room_id)
) WITHOUT ROWID;
CREATE INDEX companions_by_room ON companions (room_id);

-- What is still to be delivered, by the transaction it goes out with. `kind`: `event`, `ephemeral`,
-- `to_device`, `device_list`, `key_counts`. `waited`: something was queued before it.
CREATE TABLE queue (
  txn INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  queued_ms INTEGER NOT NULL,
  waited INTEGER NOT NULL,
  PRIMARY KEY (txn, seq)
) WITHOUT ROWID;

-- Keys that devices have left (MSC3202), as told last: they go with the messages to these devices.
CREATE TABLE key_counts (
  user_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  counts TEXT NOT NULL,
  PRIMARY KEY (user_id, device_id)
) WITHOUT ROWID;

-- One row. `formed_txn`, `formed_ms`: when the transaction that had waited was first sent.
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  acknowledged_txn INTEGER NOT NULL DEFAULT 0,
  acknowledged_ms INTEGER,
  formed_txn INTEGER NOT NULL DEFAULT 0,
  formed_ms INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  next_attempt_ms INTEGER NOT NULL DEFAULT 0
);
INSERT INTO delivery (id) VALUES (1);
