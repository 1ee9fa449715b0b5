import type { JsonObject } from '../../matrix/json.ts';
import type { LoginId, RemoteUserId } from './remote-ids.ts';

/**
 * A way to log in, as a chain of steps whose state survives in the database between requests: each function
 * gets the state that the one before returned (sealed at rest) and what the user entered.
 */
export interface LoginFlow<Env> {
  id: string;
  name: string;
  description: string;
  start(call: LoginCall<Env>): Promise<LoginProgress>;
  /** @throws LoginInputError: the user may try the same step again */
  submit(
    call: LoginCall<Env>,
    stepId: string,
    input: Record<string, string>,
    state: JsonObject,
  ): Promise<LoginProgress>;
}

export interface LoginCall<Env> {
  env: Env;
  /** The Matrix user who logs in. */
  userId: string;
}

export interface LoginProgress {
  step: LoginStep;
  state: JsonObject;
}

/** Steps as the ecosystem's provisioning API names them. */
export type LoginStep =
  | { type: 'user_input'; stepId: string; instructions: string; fields: LoginField[] }
  | {
      type: 'display_and_wait';
      stepId: string;
      instructions: string;
      display: { type: 'qr' | 'code' | 'nothing'; data?: string };
    }
  | { type: 'complete'; stepId: string; instructions: string; login: NewLogin };

export interface LoginField {
  id: string;
  name: string;
  type: 'username' | 'password' | 'token' | 'url' | 'domain' | '2fa_code' | 'select';
  description?: string;
  /** Anchored regular expression that the value must match. */
  pattern?: string;
  optional?: boolean;
  /** For `select`. */
  options?: string[];
}

export interface NewLogin {
  loginId: LoginId;
  /** Absent if the login speaks for nobody on the network (a relaying bot). */
  remoteUserId?: RemoteUserId;
  /** Shown to the owner, like `ann @ Example`. */
  name: string;
  /** Stored sealed. */
  credentials: JsonObject;
  /** Stored in clear, shown to nobody. */
  metadata: JsonObject;
  /** Unguessable name under which the network calls us, unique over all logins. */
  ingressKey?: string;
}

/** What the user entered is wrong; the message tells how. */
export class LoginInputError extends Error {
  readonly errcode: string;

  constructor(message: string, errcode = 'M_INVALID_PARAM') {
    super(message);
    this.name = 'LoginInputError';
    this.errcode = errcode;
  }
}
