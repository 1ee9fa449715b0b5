-- What is asked across portals. The bridges share the database; `network` keeps them apart.

CREATE TABLE logins (
  network TEXT NOT NULL,
  login_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  remote_user_id TEXT,
  name TEXT NOT NULL,
  credentials TEXT NOT NULL,
  metadata TEXT NOT NULL,
  ingress_key TEXT UNIQUE,
  state TEXT NOT NULL,
  state_reason TEXT,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (network, login_id)
) WITHOUT ROWID;

CREATE INDEX logins_by_user ON logins (user_id, network);
CREATE INDEX logins_by_remote_user ON logins (network, remote_user_id);

CREATE TABLE login_processes (
  process_id TEXT PRIMARY KEY,
  network TEXT NOT NULL,
  user_id TEXT NOT NULL,
  flow_id TEXT NOT NULL,
  step_id TEXT NOT NULL,
  step_type TEXT NOT NULL,
  state TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE puppets (
  network TEXT NOT NULL,
  remote_user_id TEXT NOT NULL,
  user_id TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  avatar_id TEXT,
  avatar_mxc TEXT,
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY (network, remote_user_id)
) WITHOUT ROWID;

CREATE TABLE portals (
  network TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  room_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  parent_chat_id TEXT,
  name TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (network, chat_id)
) WITHOUT ROWID;

CREATE TABLE portal_logins (
  network TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  login_id TEXT NOT NULL,
  PRIMARY KEY (network, chat_id, login_id)
) WITHOUT ROWID;

CREATE INDEX portal_logins_by_login ON portal_logins (network, login_id);
