export interface LoginField {
  id: string;
  name: string;
  optional?: boolean;
}

export interface LoginStep {
  login_id: string;
  step_id: string;
  type: 'user_input' | 'display_and_wait' | 'complete';
  instructions?: string;
  user_input?: { fields: LoginField[] };
  complete?: { user_login_id: string };
}

/** The provisioning API of a bridge, as the ecosystem's bridges have it (bridgev2, `/v3`). */
export class ProvisioningClient {
  readonly #base: string;
  readonly #token: string;
  readonly #userId: string;

  /**
   * @param options.url what serves the bridges: of Roost, the homeserver's own address
   * @param options.userId the Matrix user who logs in
   */
  constructor(options: { url: string; network: string; token: string; userId: string }) {
    this.#base = `${options.url}/_bridge/${options.network}/_matrix/provision/v3`;
    this.#token = options.token;
    this.#userId = options.userId;
  }

  async loginFlows(): Promise<{ id: string; name: string }[]> {
    const { flows } = await this.#call<{ flows: { id: string; name: string }[] }>('GET', 'login/flows');
    return flows;
  }

  startLogin(flowId: string): Promise<LoginStep> {
    return this.#call('POST', `login/start/${encodeURIComponent(flowId)}`);
  }

  submitStep(step: LoginStep, input: Record<string, string>): Promise<LoginStep> {
    return this.#call('POST', `login/step/${step.login_id}/${step.step_id}/${step.type}`, input);
  }

  /** @throws Error with the bridge's own words if the answer is not 2xx */
  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const url = new URL(`${this.#base}/${path}`);
    url.searchParams.set('user_id', this.#userId);
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${this.#token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T & { error?: string };
    if (!response.ok) throw new Error(`${answer.error ?? 'refused'} (${response.status} on ${path})`);
    return answer;
  }
}
