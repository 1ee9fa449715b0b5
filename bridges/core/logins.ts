import { and, eq } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { JsonObject } from '../../matrix/json.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { logins, portalLogins } from './d1-schema.ts';
import type { NewLogin } from './login-flow.ts';
import { asLoginId, asRemoteUserId, type LoginId, type RemoteUserId } from './remote-ids.ts';

/** A connected account, its credentials opened. Never logged, never sent anywhere. */
export interface Login {
  loginId: LoginId;
  /** The Matrix user who logged in. */
  userId: string;
  remoteUserId: RemoteUserId | undefined;
  name: string;
  credentials: JsonObject;
  metadata: JsonObject;
  ingressKey: string | undefined;
  state: LoginState;
  /** The network's error code, if the state is not `connected`. */
  stateReason: string | undefined;
}

/** `degraded`: works, but events are being missed and fetched later. */
export type LoginState = 'connected' | 'degraded' | 'bad_credentials';

type Row = typeof logins.$inferSelect;

/** The logins of one network. */
export class Logins {
  readonly #db: DrizzleD1Database;
  readonly #secrets: SecretBox;
  readonly #network: string;

  constructor(db: DrizzleD1Database, secrets: SecretBox, network: string) {
    this.#db = db;
    this.#secrets = secrets;
    this.#network = network;
  }

  async get(loginId: LoginId): Promise<Login | undefined> {
    const [row] = await this.#db.select().from(logins).where(this.#is(loginId));
    return row && this.#open(row);
  }

  async byIngressKey(ingressKey: string): Promise<Login | undefined> {
    const isKey = and(eq(logins.network, this.#network), eq(logins.ingressKey, ingressKey));
    const [row] = await this.#db.select().from(logins).where(isKey);
    return row && this.#open(row);
  }

  async ofUser(userId: string): Promise<Login[]> {
    const isTheirs = and(eq(logins.network, this.#network), eq(logins.userId, userId));
    return this.#openAll(await this.#db.select().from(logins).where(isTheirs).orderBy(logins.createdMs));
  }

  async all(): Promise<Login[]> {
    return this.#openAll(await this.#db.select().from(logins).where(eq(logins.network, this.#network)));
  }

  /** All logins, oldest first, and whether they take part in a chat. There are a handful: people and bots. */
  async aroundChat(chatId: string): Promise<{ login: Login; takesPart: boolean }[]> {
    const takesPart = and(
      eq(portalLogins.network, logins.network),
      eq(portalLogins.loginId, logins.loginId),
      eq(portalLogins.chatId, chatId),
    );
    const rows = await this.#db
      .select({ login: logins, chatId: portalLogins.chatId })
      .from(logins)
      .leftJoin(portalLogins, takesPart)
      .where(eq(logins.network, this.#network))
      .orderBy(logins.createdMs);
    return Promise.all(
      rows.map(async (row) => ({ login: await this.#open(row.login), takesPart: row.chatId !== null })),
    );
  }

  /** Stores a login, or replaces the one of the same id if it is the same Matrix user's. */
  async put(userId: string, login: NewLogin, nowMs: number): Promise<'stored' | 'taken'> {
    const known = await this.get(login.loginId);
    if (known && known.userId !== userId) return 'taken';
    const values = {
      network: this.#network,
      loginId: login.loginId,
      userId,
      remoteUserId: login.remoteUserId ?? null,
      name: login.name,
      credentials: await this.#secrets.seal(JSON.stringify(login.credentials), this.#context(login.loginId)),
      metadata: JSON.stringify(login.metadata),
      ingressKey: login.ingressKey ?? null,
      state: 'connected',
      stateReason: null,
      createdMs: nowMs,
    };
    const { createdMs: _, ...changed } = values;
    await this.#db
      .insert(logins)
      .values(values)
      .onConflictDoUpdate({ target: [logins.network, logins.loginId], set: changed });
    return 'stored';
  }

  async setState(loginId: LoginId, state: LoginState, reason?: string): Promise<void> {
    await this.#db
      .update(logins)
      .set({ state, stateReason: reason ?? null })
      .where(this.#is(loginId));
  }

  async setCredentials(loginId: LoginId, credentials: JsonObject): Promise<void> {
    const sealed = await this.#secrets.seal(JSON.stringify(credentials), this.#context(loginId));
    await this.#db.update(logins).set({ credentials: sealed }).where(this.#is(loginId));
  }

  async delete(loginId: LoginId): Promise<void> {
    const isTheirs = and(eq(portalLogins.network, this.#network), eq(portalLogins.loginId, loginId));
    await this.#db.batch([
      this.#db.delete(portalLogins).where(isTheirs),
      this.#db.delete(logins).where(this.#is(loginId)),
    ]);
  }

  #is(loginId: LoginId) {
    return and(eq(logins.network, this.#network), eq(logins.loginId, loginId));
  }

  #context(loginId: string): string {
    return `login ${this.#network} ${loginId}`;
  }

  #openAll(rows: Row[]): Promise<Login[]> {
    return Promise.all(rows.map((row) => this.#open(row)));
  }

  async #open(row: Row): Promise<Login> {
    const credentials = await this.#secrets.open(row.credentials, this.#context(row.loginId));
    return {
      loginId: asLoginId(row.loginId),
      userId: row.userId,
      remoteUserId: row.remoteUserId === null ? undefined : asRemoteUserId(row.remoteUserId),
      name: row.name,
      credentials: JSON.parse(credentials) as JsonObject,
      metadata: JSON.parse(row.metadata) as JsonObject,
      ingressKey: row.ingressKey ?? undefined,
      state: row.state as LoginState,
      stateReason: row.stateReason ?? undefined,
    };
  }
}
