import type { Bridge } from '../bridge.ts';
import type { Login } from '../logins.ts';
import type { NetworkClient } from '../network-client.ts';
import type { RemoteChatId, RemoteUserId } from '../remote-ids.ts';
import { LoginGone } from '../send-outcome.ts';

export interface OpenLogin {
  login: Login;
  client: NetworkClient;
}

interface Known extends OpenLogin {
  takesPart: boolean;
}

/** How long logins are used without looking whether they are still there. */
const maxAgeMs = 60_000;

/** The network's logins as a portal needs them: one query of the directory, at most once a minute. */
export class LoginCache {
  readonly #bridge: Bridge;
  readonly #chatId: RemoteChatId;
  readonly #now: () => number;
  #known: { logins: Promise<Known[]>; readMs: number } | undefined;

  constructor(bridge: Bridge, chatId: RemoteChatId, now: () => number) {
    this.#bridge = bridge;
    this.#chatId = chatId;
    this.#now = now;
  }

  /** @throws LoginGone */
  async get(loginId: string): Promise<OpenLogin> {
    const find = async () => (await this.#all()).find(({ login }) => login.loginId === loginId);
    const known = await find();
    if (known) return known;
    // It may be newer than what is remembered; if it were taken for gone, its events would be lost.
    this.clear();
    const open = await find();
    if (!open) throw new LoginGone();
    return open;
  }

  /** Those that take part in the chat, oldest first. */
  async ofChat(): Promise<OpenLogin[]> {
    return (await this.#all()).filter((open) => open.takesPart);
  }

  /** The Matrix users who are logged in as this remote user. */
  async usersBehind(remoteUserId: RemoteUserId): Promise<string[]> {
    const logins = await this.#all();
    return logins.flatMap(({ login }) => (login.remoteUserId === remoteUserId ? [login.userId] : []));
  }

  clear(): void {
    this.#known = undefined;
  }

  #all(): Promise<Known[]> {
    if (this.#known && this.#now() - this.#known.readMs < maxAgeMs) return this.#known.logins;
    const logins = this.#read();
    this.#known = { logins, readMs: this.#now() };
    // A failure is not remembered; whoever awaits it sees it.
    logins.catch(() => this.clear());
    return logins;
  }

  async #read(): Promise<Known[]> {
    const found = await this.#bridge.logins.aroundChat(this.#chatId);
    return found.map(({ login, takesPart }) => ({
      login,
      takesPart,
      client: this.#bridge.connector.loadLogin(this.#bridge.env, login),
    }));
  }
}
