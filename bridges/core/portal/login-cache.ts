import type { Bridge } from '../bridge.ts';
import type { Login } from '../logins.ts';
import type { NetworkClient } from '../network-client.ts';
import { asLoginId, type RemoteChatId, type RemoteUserId } from '../remote-ids.ts';
import { LoginGone } from '../send-outcome.ts';

export interface OpenLogin {
  login: Login;
  client: NetworkClient;
}

/** How long a login is used without looking whether it is still there. */
const maxAgeMs = 60_000;

/** The logins of a portal, read from the directory at most once a minute. */
export class LoginCache {
  readonly #bridge: Bridge;
  readonly #chatId: RemoteChatId;
  readonly #now: () => number;
  readonly #known = new Map<string, { value: Promise<unknown>; readMs: number }>();

  constructor(bridge: Bridge, chatId: RemoteChatId, now: () => number) {
    this.#bridge = bridge;
    this.#chatId = chatId;
    this.#now = now;
  }

  /** @throws LoginGone */
  get(loginId: string): Promise<OpenLogin> {
    return this.#once(`login ${loginId}`, async () => {
      const login = await this.#bridge.logins.get(asLoginId(loginId));
      if (!login) throw new LoginGone();
      return this.#open(login);
    });
  }

  /** Those that take part in the chat, oldest first. */
  ofChat(): Promise<OpenLogin[]> {
    return this.#once('chat', async () =>
      (await this.#bridge.logins.ofChat(this.#chatId)).map((login) => this.#open(login)),
    );
  }

  /** The Matrix users who are logged in as this remote user. */
  usersBehind(remoteUserId: RemoteUserId): Promise<string[]> {
    return this.#once(`user ${remoteUserId}`, () => this.#bridge.logins.usersBehind(remoteUserId));
  }

  clear(): void {
    this.#known.clear();
  }

  #open(login: Login): OpenLogin {
    return { login, client: this.#bridge.connector.loadLogin(this.#bridge.env, login) };
  }

  #once<T>(name: string, read: () => Promise<T>): Promise<T> {
    const known = this.#known.get(name);
    if (known && this.#now() - known.readMs < maxAgeMs) return known.value as Promise<T>;
    const value = read();
    this.#known.set(name, { value, readMs: this.#now() });
    // A failure is not remembered; whoever awaits `value` sees it.
    value.catch(() => this.#known.delete(name));
    return value;
  }
}
