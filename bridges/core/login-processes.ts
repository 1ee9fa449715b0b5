import { and, eq, gt, lt } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { JsonObject } from '../../matrix/json.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { loginProcesses } from './d1-schema.ts';

/** A login under way. */
export interface LoginProcess {
  processId: string;
  userId: string;
  flowId: string;
  stepId: string;
  stepType: string;
  /** May hold what the user has entered so far. */
  state: JsonObject;
}

const lifetimeMs = 30 * 60_000;

/** Logins under way on one network. Their state is sealed; they end by completion or after half an hour. */
export class LoginProcesses {
  readonly #db: DrizzleD1Database;
  readonly #secrets: SecretBox;
  readonly #network: string;

  constructor(db: DrizzleD1Database, secrets: SecretBox, network: string) {
    this.#db = db;
    this.#secrets = secrets;
    this.#network = network;
  }

  async put(process: LoginProcess, nowMs: number): Promise<void> {
    const values = {
      ...process,
      network: this.#network,
      state: await this.#secrets.seal(JSON.stringify(process.state), context(process.processId)),
      expiresMs: nowMs + lifetimeMs,
    };
    await this.#db.batch([
      this.#db.delete(loginProcesses).where(lt(loginProcesses.expiresMs, nowMs)),
      this.#db
        .insert(loginProcesses)
        .values(values)
        .onConflictDoUpdate({ target: loginProcesses.processId, set: values }),
    ]);
  }

  async get(processId: string, userId: string, nowMs: number): Promise<LoginProcess | undefined> {
    const isTheirs = and(
      eq(loginProcesses.processId, processId),
      eq(loginProcesses.network, this.#network),
      eq(loginProcesses.userId, userId),
      gt(loginProcesses.expiresMs, nowMs),
    );
    const [row] = await this.#db.select().from(loginProcesses).where(isTheirs);
    if (!row) return undefined;
    const { flowId, stepId, stepType } = row;
    const state = JSON.parse(await this.#secrets.open(row.state, context(processId))) as JsonObject;
    return { processId, userId, flowId, stepId, stepType, state };
  }

  async delete(processId: string): Promise<void> {
    await this.#db.delete(loginProcesses).where(eq(loginProcesses.processId, processId));
  }
}

function context(processId: string): string {
  return `login process ${processId}`;
}
