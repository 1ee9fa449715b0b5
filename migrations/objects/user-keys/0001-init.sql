CREATE TABLE due_work (name TEXT PRIMARY KEY, due_ms INTEGER NOT NULL) WITHOUT ROWID;

-- What others have yet to be told: 'device_list', 'counts:<device id>', 'inbox_closed:<device id>'.
CREATE TABLE pending_news (topic TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID;

-- keys: as uploaded, canonical JSON. display_name: a copy, owned by UserSyncObject.
CREATE TABLE device_keys (
  device_id TEXT PRIMARY KEY,
  keys TEXT NOT NULL,
  display_name TEXT
) WITHOUT ROWID;

-- At most one row (MSC3814). Its public keys are in the other tables, as any device's.
CREATE TABLE dehydrated_device (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  device_id TEXT NOT NULL,
  device_data TEXT NOT NULL
);

-- Claimed keys stay for a while, so that a late repetition of their upload does not bring them back.
CREATE TABLE one_time_keys (
  device_id TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  is_claimed INTEGER NOT NULL,
  position INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (device_id, algorithm, is_claimed, position)
) WITHOUT ROWID;

CREATE TABLE fallback_keys (
  device_id TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  key_id TEXT NOT NULL,
  key TEXT NOT NULL,
  is_used INTEGER NOT NULL,
  PRIMARY KEY (device_id, algorithm)
) WITHOUT ROWID;

CREATE TABLE cross_signing_keys (
  usage TEXT PRIMARY KEY,
  public_key TEXT NOT NULL,
  key TEXT NOT NULL
) WITHOUT ROWID;

-- Signatures that came after the upload. target: a device id or the public master key.
CREATE TABLE signatures (
  target TEXT NOT NULL,
  signer TEXT NOT NULL,
  key_id TEXT NOT NULL,
  signature TEXT NOT NULL,
  PRIMARY KEY (target, signer, key_id)
) WITHOUT ROWID;

-- Versions are never used again, hence AUTOINCREMENT.
CREATE TABLE backups (
  version INTEGER PRIMARY KEY AUTOINCREMENT,
  algorithm TEXT NOT NULL,
  auth_data TEXT NOT NULL,
  session_count INTEGER NOT NULL,
  etag INTEGER NOT NULL
);

CREATE TABLE backup_sessions (
  version INTEGER NOT NULL,
  room_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  first_message_index INTEGER NOT NULL,
  forwarded_count INTEGER NOT NULL,
  is_verified INTEGER NOT NULL,
  session_data TEXT NOT NULL,
  PRIMARY KEY (version, room_id, session_id)
) WITHOUT ROWID;

-- One row, for a user of another server: a copy of their keys. keys: as they were told (JSON); NULL: not asked yet.
-- asked_ms: when they were asked for; 0: they have changed since then. revision: counts these changes.
CREATE TABLE keys_elsewhere (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  keys TEXT,
  asked_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL
);
