import { runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import type { DeviceId, UserId } from '../../../../../matrix/identifiers.ts';
import { makeAccessToken } from '../../../api/access-token.ts';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';
import type { UserSyncRpc } from '../../user-sync-rpc.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into
export type Json = Record<string, any>;

const testEnv = env as unknown as Env;
const server = (exports as unknown as { default: Fetcher }).default;
const slidingPath = '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync';

/** A user with one device, and the server as that device sees it. */
export class TestClient {
  readonly userId: UserId;
  readonly user: UserSyncRpc;
  readonly #token: string;
  deviceId = '' as DeviceId;

  private constructor(name: string) {
    this.userId = `@${name}:roost.test` as UserId;
    this.user = testEnv.USERS.getByName(this.userId);
    this.#token = makeAccessToken(
      this.userId,
      crypto.getRandomValues(new Uint8Array(32)),
      readConfig(testEnv),
    );
  }

  static async login(name: string, expiresInMs?: number): Promise<TestClient> {
    const client = new TestClient(name);
    const session = await client.user.createSession({
      accessToken: client.#token,
      ...(expiresInMs !== undefined && { expiresInMs }),
    });
    client.deviceId = session.deviceId;
    return client;
  }

  get stub(): DurableObjectStub {
    return this.user as unknown as DurableObjectStub;
  }

  call(method: string, path: string, body?: Json): Promise<Response> {
    return server.fetch(`https://roost.test${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  rawSync(query: Record<string, string> = {}): Promise<Response> {
    return this.call('GET', `/_matrix/client/v3/sync?${new URLSearchParams(query)}`);
  }

  async sync(query: Record<string, string> = {}): Promise<Json> {
    return (await this.rawSync(query)).json();
  }

  rawSliding(body: Json, query: Record<string, string> = {}): Promise<Response> {
    return this.call('POST', `${slidingPath}?${new URLSearchParams(query)}`, body);
  }

  async sliding(body: Json, query: Record<string, string> = {}): Promise<Json> {
    return (await this.rawSliding(body, query)).json();
  }

  /** Resolves once a request of this user waits: the object holds its socket. */
  async untilWaiting(): Promise<void> {
    const isWaiting = () =>
      runInDurableObject(this.stub, (_instance, state) =>
        state.getWebSockets().some((socket) => socket.deserializeAttachment() !== null),
      );
    while (!(await isWaiting()));
  }
}
