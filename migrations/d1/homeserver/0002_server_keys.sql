CREATE TABLE server_keys (
  server_name TEXT NOT NULL,
  key_id TEXT NOT NULL,
  public_key TEXT NOT NULL,
  valid_until_ms INTEGER NOT NULL,
  is_old INTEGER NOT NULL,
  PRIMARY KEY (server_name, key_id)
) WITHOUT ROWID;

CREATE TABLE server_key_answers (
  server_name TEXT PRIMARY KEY,
  answer TEXT NOT NULL,
  valid_until_ms INTEGER NOT NULL,
  fetched_ms INTEGER NOT NULL
) WITHOUT ROWID;
