import type { Sqlite, SqlRow } from '../../../../platform/sqlite.ts';
import type { Snowflake } from '../../snowflake.ts';
import type { GatewayState } from '../gateway-protocol.ts';
import { freshBudget } from '../identify-budget.ts';

/** Whose gateway an object is. */
export interface GatewayOwner {
  loginId: string;
  applicationId: Snowflake;
  botUserId: Snowflake;
}

type Row = {
  login_id: string;
  application_id: string;
  bot_user_id: string;
  session_id: string | null;
  resume_url: string | null;
  seq: number;
  budget_left: number;
  budget_at_ms: number;
  failures: number;
  last_ack_ms: number | null;
  stop_code: number | null;
} & SqlRow;

/** The owner and the session of a gateway. */
export class SessionTable {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  owner(): GatewayOwner | undefined {
    const row = this.#row();
    return (
      row && {
        loginId: row.login_id,
        applicationId: row.application_id as Snowflake,
        botUserId: row.bot_user_id as Snowflake,
      }
    );
  }

  /** A new login: the session of the old token is forgotten, what was spent of the budget is not. */
  setOwner(owner: GatewayOwner): void {
    this.#sqlite.run(
      `INSERT INTO gateway (id, login_id, application_id, bot_user_id, budget_left, budget_at_ms)
       VALUES (1, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET login_id = excluded.login_id, application_id = excluded.application_id,
         bot_user_id = excluded.bot_user_id, session_id = NULL, resume_url = NULL, seq = 0, failures = 0,
         stop_code = NULL`,
      owner.loginId,
      owner.applicationId,
      owner.botUserId,
      freshBudget.left,
      freshBudget.atMs,
    );
  }

  clearOwner(): void {
    this.#sqlite.run('DELETE FROM gateway');
  }

  /** The state as it was kept, without a socket. */
  load(): GatewayState | undefined {
    const row = this.#row();
    if (!row) return undefined;
    const { session_id: sessionId, resume_url: resumeUrl, seq, stop_code: code } = row;
    return {
      connection: code === null ? { kind: 'waiting', dueMs: 0 } : { kind: 'stopped', code },
      session: sessionId === null || resumeUrl === null ? undefined : { sessionId, resumeUrl, seq },
      budget: { left: row.budget_left, atMs: row.budget_at_ms },
      failures: row.failures,
      lastAckMs: row.last_ack_ms ?? undefined,
    };
  }

  /** All but the sequence number, which follows when the dispatches have been accepted. */
  save({ connection, session, budget, failures, lastAckMs }: GatewayState): void {
    this.#sqlite.run(
      `UPDATE gateway SET seq = CASE WHEN session_id IS ?1 THEN seq ELSE ?2 END,
         session_id = ?1, resume_url = ?3, budget_left = ?4, budget_at_ms = ?5, failures = ?6,
         last_ack_ms = ?7, stop_code = ?8`,
      session?.sessionId ?? null,
      session?.seq ?? 0,
      session?.resumeUrl ?? null,
      budget.left,
      budget.atMs,
      failures,
      lastAckMs ?? null,
      connection.kind === 'stopped' ? connection.code : null,
    );
  }

  /** Everything up to `seq` has been accepted. A number of a session that is over changes nothing. */
  accept(sessionId: string, seq: number): void {
    this.#sqlite.run('UPDATE gateway SET seq = ? WHERE session_id = ? AND seq < ?', seq, sessionId, seq);
  }

  acceptedSeq(): number {
    return this.#row()?.seq ?? 0;
  }

  #row(): Row | undefined {
    return this.#sqlite.get<Row>('SELECT * FROM gateway');
  }
}
