import type { Page } from '../web-client/playwright.ts';

/** Chromium's virtual authenticator: a phone that knows its owner. */
export class VirtualAuthenticator {
  readonly #send: (method: string, parameters?: object) => Promise<unknown>;
  readonly #id: string;

  private constructor(send: (method: string, parameters?: object) => Promise<unknown>, id: string) {
    this.#send = send;
    this.#id = id;
  }

  static async add(page: Page): Promise<VirtualAuthenticator> {
    const session = await page.context().newCDPSession(page);
    const send = (method: string, parameters?: object) => session.send(method, parameters);
    await send('WebAuthn.enable');
    const { authenticatorId } = (await send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })) as { authenticatorId: string };
    return new VirtualAuthenticator(send, authenticatorId);
  }

  async credentials(): Promise<{ isResidentCredential: boolean; rpId: string; signCount: number }[]> {
    const { credentials } = (await this.#send('WebAuthn.getCredentials', { authenticatorId: this.#id })) as {
      credentials: { isResidentCredential: boolean; rpId: string; signCount: number }[];
    };
    return credentials;
  }

  /** Whether it recognises its owner. */
  async setVerified(isUserVerified: boolean): Promise<void> {
    await this.#send('WebAuthn.setUserVerified', { authenticatorId: this.#id, isUserVerified });
  }

  /** Whether somebody touches it when it is asked. */
  async setPresent(enabled: boolean): Promise<void> {
    await this.#send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: this.#id, enabled });
  }
}
