-- Position of each room up to which its events are queued for the server. `behind`: not NULL while events were left out,
-- since the server could not be reached for long; it is told the room's latest events when it is back.
CREATE TABLE rooms (room_id TEXT PRIMARY KEY, position INTEGER NOT NULL, behind INTEGER) WITHOUT ROWID;
CREATE INDEX rooms_behind ON rooms (behind) WHERE behind IS NOT NULL;

-- What is still to be sent, by the transaction it goes out with. `room_id`: of PDUs; NULL: an EDU. `key`: of EDUs, a newer
-- one takes the place of the older.
CREATE TABLE queue (
  txn INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  room_id TEXT,
  key TEXT,
  body TEXT NOT NULL,
  PRIMARY KEY (txn, seq)
) WITHOUT ROWID;

-- One row. `failing_since_ms`: first failure since the last success.
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  failures INTEGER NOT NULL DEFAULT 0,
  failing_since_ms INTEGER,
  last_error TEXT,
  next_attempt_ms INTEGER NOT NULL DEFAULT 0
);
INSERT INTO delivery (id) VALUES (1);
