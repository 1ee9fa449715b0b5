CREATE TABLE due_work (name TEXT PRIMARY KEY, due_ms INTEGER NOT NULL) WITHOUT ROWID;

-- One row: whose gateway this is and where its session stands.
CREATE TABLE gateway (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  login_id TEXT NOT NULL,
  application_id TEXT NOT NULL,
  bot_user_id TEXT NOT NULL,
  session_id TEXT,
  resume_url TEXT,
  -- Of the last dispatch that its portal accepted.
  seq INTEGER NOT NULL DEFAULT 0,
  budget_left REAL NOT NULL,
  budget_at_ms INTEGER NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0,
  last_ack_ms INTEGER,
  stop_code INTEGER
);

-- What the bot may do in a guild, from which follows what it sees in a channel.
CREATE TABLE guilds (
  guild_id TEXT PRIMARY KEY,
  -- JSON: permissions by role, of the roles that the bot has.
  roles TEXT NOT NULL,
  info_hash TEXT NOT NULL,
  synced_hash TEXT
) WITHOUT ROWID;

-- Categories, text channels and threads that the bot sees.
CREATE TABLE channels (
  channel_id TEXT PRIMARY KEY,
  guild_id TEXT NOT NULL,
  parent_id TEXT,
  kind TEXT NOT NULL,
  info_hash TEXT NOT NULL,
  -- Of the state that the portal was last told of.
  synced_hash TEXT,
  -- The newest message that went to the portal, and the newest that Discord told of.
  seen_id TEXT,
  last_id TEXT,
  -- Messages were missed: until they are fetched new ones wait.
  behind INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX channels_by_guild ON channels (guild_id);
CREATE INDEX channels_behind ON channels (channel_id) WHERE behind = 1;

-- The one by which we post in a channel; its token is sealed for the context `webhook <id>`.
CREATE TABLE webhooks (
  channel_id TEXT PRIMARY KEY,
  webhook_id TEXT NOT NULL,
  token TEXT NOT NULL
) WITHOUT ROWID;
