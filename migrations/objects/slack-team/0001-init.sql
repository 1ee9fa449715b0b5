CREATE TABLE due_work (name TEXT PRIMARY KEY, due_ms INTEGER NOT NULL) WITHOUT ROWID;

-- Events as they came. Done ones stay (without payload) longer than Slack repeats a delivery. One that is
-- not due yet holds up those of its chat ('' for events of no chat).
CREATE TABLE inbox (
  position INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  chat_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_ms INTEGER NOT NULL DEFAULT 0,
  reason TEXT,
  received_ms INTEGER NOT NULL
);

CREATE INDEX inbox_queued ON inbox (position) WHERE state = 'queued';
CREATE INDEX inbox_postponed ON inbox (due_ms, chat_id) WHERE state = 'queued' AND due_ms > 0;

-- People whose name or picture changed, until their ghosts are brought into line.
CREATE TABLE stale_profiles (
  user_id TEXT PRIMARY KEY,
  changed_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- Conversations that the person is in, and up to where the sweep has compared them.
CREATE TABLE conversations (
  channel_id TEXT PRIMARY KEY,
  watermark TEXT NOT NULL,
  swept_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- One row: the listing of conversations under way.
CREATE TABLE listing (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  cursor TEXT NOT NULL,
  version TEXT NOT NULL
);

-- A row: the login is gone, and what still arrives is dropped.
CREATE TABLE stopped (id INTEGER PRIMARY KEY CHECK (id = 1));
