import type { Bridge } from '../../core/bridge.ts';
import { tellOwner } from '../../core/owner-notice.ts';
import { asLoginId } from '../../core/remote-ids.ts';
import { LoginRefused } from '../../core/send-outcome.ts';
import type { DiscordEnv } from '../discord-env.ts';
import { readCredentials } from '../login/credentials.ts';
import { DiscordApi } from '../rest/discord-api.ts';
import { stopReason } from './stop-reasons.ts';
import type { GatewayStore } from './storage/gateway-store.ts';

/** What the gateway needs of its login, and tells it. */
export class GatewayAccount {
  readonly #bridge: Bridge<DiscordEnv>;
  readonly #store: GatewayStore;

  constructor(bridge: Bridge<DiscordEnv>, store: GatewayStore) {
    this.#bridge = bridge;
    this.#store = store;
  }

  /** @throws LoginRefused */
  async botToken(): Promise<string> {
    return readCredentials(await this.#login()).botToken;
  }

  /** @throws LoginRefused, RetryLater */
  async gatewayUrl(): Promise<string> {
    const { env, config } = this.#bridge;
    const botToken = await this.botToken();
    const api = new DiscordApi({ apiUrl: env.DISCORD_API_URL, botToken, ownUrl: config.publicBaseUrl });
    return (await api.getGatewayBot()).url;
  }

  /** The session is there: whatever was wrong with the login is over. */
  async connected(): Promise<void> {
    const login = await this.#login();
    if (login.state !== 'connected') await this.#bridge.logins.setState(login.loginId, 'connected');
  }

  /** Only the owner can help, and is told once. */
  async stopped(code: number): Promise<void> {
    const login = await this.#login();
    const reason = stopReason(code);
    if (login.state === 'bad_credentials' && login.stateReason === reason) return;
    await this.#bridge.logins.setState(login.loginId, 'bad_credentials', reason);
    await tellOwner(this.#bridge, login.userId, `${login.name} is no longer connected. ${reason}.`);
  }

  async #login() {
    const loginId = this.#store.session.owner()?.loginId ?? '';
    const login = await this.#bridge.logins.get(asLoginId(loginId));
    if (!login) throw new LoginRefused('logged out');
    return login;
  }
}
