CREATE TABLE accounts (
  user_id TEXT PRIMARY KEY,
  password_hash TEXT,
  is_admin INTEGER NOT NULL DEFAULT 0,
  appservice_id TEXT,
  created_ms INTEGER NOT NULL,
  deactivated_ms INTEGER,
  erased INTEGER NOT NULL DEFAULT 0,
  locked INTEGER NOT NULL DEFAULT 0,
  suspended INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX accounts_by_creation ON accounts (created_ms);

CREATE TABLE profile_fields (
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (user_id, name)
) WITHOUT ROWID;

CREATE TABLE registration_tokens (
  token_hash TEXT PRIMARY KEY,
  sealed_token TEXT,
  uses_allowed INTEGER,
  completed INTEGER NOT NULL DEFAULT 0,
  is_admin INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER
) WITHOUT ROWID;

CREATE TABLE room_aliases (
  alias TEXT PRIMARY KEY,
  room_id TEXT NOT NULL,
  creator TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX room_aliases_by_room ON room_aliases (room_id);

CREATE TABLE public_rooms (
  room_id TEXT PRIMARY KEY,
  listed_by TEXT NOT NULL,
  listed_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE network_rooms (
  instance_id TEXT NOT NULL,
  room_id TEXT NOT NULL,
  PRIMARY KEY (instance_id, room_id)
) WITHOUT ROWID;

CREATE TABLE media (
  media_id TEXT PRIMARY KEY,
  uploader TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  content_type TEXT NOT NULL,
  file_name TEXT,
  size_bytes INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  quarantined_by TEXT,
  protected INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX media_by_hash ON media (content_hash);
CREATE INDEX media_by_uploader ON media (uploader, size_bytes);
CREATE INDEX media_by_uploader_and_age ON media (uploader, created_ms);
CREATE INDEX media_by_age ON media (created_ms);
CREATE INDEX remote_media ON media (created_ms, size_bytes) WHERE uploader NOT LIKE '@%';

CREATE TABLE pending_media (
  media_id TEXT PRIMARY KEY,
  uploader TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX pending_media_by_uploader ON pending_media (uploader);

CREATE TABLE reports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  reporter TEXT NOT NULL,
  room_id TEXT,
  event_id TEXT,
  user_id TEXT,
  reason TEXT NOT NULL,
  received_ms INTEGER NOT NULL
);

CREATE INDEX reports_by_reporter ON reports (reporter, received_ms);
CREATE INDEX reports_of_events ON reports (id) WHERE event_id IS NOT NULL;
CREATE INDEX reports_of_users ON reports (id) WHERE room_id IS NULL;

CREATE TABLE pushkeys (
  app_id TEXT NOT NULL,
  key_hash TEXT NOT NULL,
  user_id TEXT NOT NULL,
  PRIMARY KEY (app_id, key_hash, user_id)
) WITHOUT ROWID;

CREATE TABLE room_upgrades (
  old_room_id TEXT PRIMARY KEY,
  new_room_id TEXT NOT NULL,
  new_version TEXT NOT NULL,
  upgrader TEXT NOT NULL,
  create_event TEXT NOT NULL,
  finished_ms INTEGER
) WITHOUT ROWID;

CREATE TABLE openid_tokens (
  token_hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX openid_tokens_by_expiry ON openid_tokens (expires_ms);

CREATE TABLE oauth_clients (
  client_id TEXT PRIMARY KEY,
  metadata TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  used_ms INTEGER
) WITHOUT ROWID;

CREATE INDEX oauth_clients_unused ON oauth_clients (created_ms) WHERE used_ms IS NULL;

CREATE TABLE oauth_device_codes (
  device_code_hash TEXT PRIMARY KEY,
  user_code_hash TEXT NOT NULL UNIQUE,
  client_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  device_id TEXT NOT NULL,
  state TEXT NOT NULL,
  user_id TEXT,
  polled_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX oauth_device_codes_by_expiry ON oauth_device_codes (expires_ms);

CREATE TABLE rendezvous_sessions (
  session_id TEXT PRIMARY KEY,
  payload TEXT NOT NULL,
  version INTEGER NOT NULL,
  modified_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX rendezvous_sessions_by_expiry ON rendezvous_sessions (expires_ms);

CREATE TABLE room_index (
  room_id TEXT PRIMARY KEY,
  name TEXT,
  topic TEXT,
  avatar_url TEXT,
  canonical_alias TEXT,
  creator TEXT NOT NULL,
  version TEXT NOT NULL,
  room_type TEXT,
  encryption TEXT,
  federatable INTEGER NOT NULL,
  join_rules TEXT,
  guest_access TEXT,
  history_visibility TEXT,
  joined_members INTEGER NOT NULL,
  joined_local_members INTEGER NOT NULL,
  state_events INTEGER NOT NULL,
  database_bytes INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX room_index_by_name ON room_index (name COLLATE NOCASE);
CREATE INDEX room_index_by_members ON room_index (joined_members);
CREATE INDEX room_index_by_size ON room_index (database_bytes);

CREATE TABLE blocked_rooms (
  room_id TEXT PRIMARY KEY,
  blocked_by TEXT NOT NULL,
  blocked_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE admin_tasks (
  task_id TEXT PRIMARY KEY,
  action TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  status TEXT NOT NULL,
  result TEXT,
  error TEXT,
  started_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX admin_tasks_by_start ON admin_tasks (started_ms);
CREATE INDEX admin_tasks_by_resource ON admin_tasks (resource_id, started_ms);

CREATE TABLE passkeys (
  credential_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  public_key TEXT NOT NULL,
  sign_count INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  used_ms INTEGER
) WITHOUT ROWID;

CREATE INDEX passkeys_by_user ON passkeys (user_id);

CREATE TABLE used_challenges (
  challenge_hash TEXT PRIMARY KEY,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX used_challenges_by_expiry ON used_challenges (expires_ms);

CREATE TABLE passed_stages (
  session_hash TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX passed_stages_by_expiry ON passed_stages (expires_ms);

CREATE TABLE recovery_codes (
  user_id TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  PRIMARY KEY (user_id, code_hash)
) WITHOUT ROWID;

CREATE TABLE external_identities (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id TEXT NOT NULL,
  linked_ms INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
) WITHOUT ROWID;

CREATE INDEX external_identities_by_user ON external_identities (user_id);
