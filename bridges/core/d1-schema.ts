import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** The bridges' D1 tables, as `migrations/d1/bridges/` makes them. Rows of all networks; `network` tells whose. */

export const logins = sqliteTable(
  'logins',
  {
    network: text('network').notNull(),
    loginId: text('login_id').notNull(),
    userId: text('user_id').notNull(),
    remoteUserId: text('remote_user_id'),
    name: text('name').notNull(),
    /** JSON, sealed for the context `login <network> <login id>`. */
    credentials: text('credentials').notNull(),
    metadata: text('metadata').notNull(),
    ingressKey: text('ingress_key').unique(),
    state: text('state').notNull(),
    stateReason: text('state_reason'),
    createdMs: integer('created_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.network, table.loginId] }),
    index('logins_by_user').on(table.userId, table.network),
    index('logins_by_remote_user').on(table.network, table.remoteUserId),
  ],
);

export const loginProcesses = sqliteTable('login_processes', {
  processId: text('process_id').primaryKey(),
  network: text('network').notNull(),
  userId: text('user_id').notNull(),
  flowId: text('flow_id').notNull(),
  stepId: text('step_id').notNull(),
  stepType: text('step_type').notNull(),
  /** JSON, sealed for the context `login process <process id>`. */
  state: text('state').notNull(),
  expiresMs: integer('expires_ms').notNull(),
});

/** The ghosts: which Matrix user stands for which remote one, and the profile it was last given. */
export const puppets = sqliteTable(
  'puppets',
  {
    network: text('network').notNull(),
    remoteUserId: text('remote_user_id').notNull(),
    userId: text('user_id').notNull().unique(),
    displayName: text('display_name').notNull(),
    avatarId: text('avatar_id'),
    avatarMxc: text('avatar_mxc'),
    updatedMs: integer('updated_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.network, table.remoteUserId] })],
);

/** Which room stands for which chat: one to one. All else about a portal is in its object. */
export const portals = sqliteTable(
  'portals',
  {
    network: text('network').notNull(),
    chatId: text('chat_id').notNull(),
    roomId: text('room_id').notNull().unique(),
    kind: text('kind').notNull(),
    parentChatId: text('parent_chat_id'),
    name: text('name').notNull(),
    createdMs: integer('created_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.network, table.chatId] })],
);

/** Which logins take part in a chat. */
export const portalLogins = sqliteTable(
  'portal_logins',
  {
    network: text('network').notNull(),
    chatId: text('chat_id').notNull(),
    loginId: text('login_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.network, table.chatId, table.loginId] }),
    index('portal_logins_by_login').on(table.network, table.loginId),
  ],
);
