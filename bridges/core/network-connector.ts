import type { BridgeEnv } from './bridge-env.ts';
import type { LoginFlow } from './login-flow.ts';
import type { Login } from './logins.ts';
import type { NetworkClient } from './network-client.ts';

/** What a network is, and how to get into it. One per bridge; everything else follows from it. */
export interface NetworkConnector<Env extends BridgeEnv = BridgeEnv> {
  /** `[a-z]+`: names paths, ghosts, aliases and rows. */
  readonly id: string;
  readonly displayName: string;
  readonly url: string;
  readonly capabilities: NetworkCapabilities;
  readonly loginFlows: readonly LoginFlow<Env>[];
  /** Makes the client from the stored login. No I/O. */
  loadLogin(env: Env, login: Login): NetworkClient;
  /** The login has just been stored (again): connect, and queue a resync of every chat. Must be durable. */
  onLogin(env: Env, login: Login): Promise<void>;
  /** The login is about to be deleted: disconnect. */
  onLogout(env: Env, login: Login): Promise<void>;
}

export interface NetworkCapabilities {
  /** Version of this description; part of the id of the room's feature state. */
  version: number;
  maxTextChars: number;
  maxFileBytes: number;
  /** People without a login of their own are brought over by a bot that names them. */
  relay: boolean;
  threads: boolean;
  replies: boolean;
  edits: boolean;
  deletes: boolean;
  reactions: boolean;
  typing: boolean;
  readReceipts: boolean;
  customEmoji: boolean;
  /** Messages brought over when a room is made. */
  initialHistory: number;
}
