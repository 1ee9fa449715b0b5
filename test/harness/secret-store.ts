import type { MatrixClient } from 'matrix-js-sdk';
import type { CryptoCallbacks, GeneratedSecretStorageKey } from 'matrix-js-sdk/lib/crypto-api/index.js';

/** A person's recovery key, which each of their clients is given when it asks. */
export class SecretStore {
  #key: GeneratedSecretStorageKey | undefined;

  readonly callbacks: CryptoCallbacks = {
    getSecretStorageKey: async ({ keys }) => {
      const [id] = Object.keys(keys);
      return id !== undefined && this.#key ? [id, this.#key.privateKey as Uint8Array<ArrayBuffer>] : null;
    },
  };

  /** Gives the account an identity, and keeps its secrets on the server. */
  async setUp(client: MatrixClient): Promise<void> {
    const crypto = client.getCrypto();
    if (!crypto) throw new Error('a client with crypto is needed');
    await crypto.bootstrapCrossSigning({
      authUploadDeviceSigningKeys: async (makeRequest) => {
        await makeRequest(null);
      },
    });
    await crypto.bootstrapSecretStorage({
      setupNewKeyBackup: true,
      createSecretStorageKey: async () => {
        this.#key = await crypto.createRecoveryKeyFromPassphrase();
        return this.#key;
      },
    });
  }

  /** Gives another client of the person the identity. */
  async restore(client: MatrixClient): Promise<void> {
    // It can only take the secrets of an identity that it has seen.
    await client.getCrypto()?.userHasCrossSigningKeys(client.getSafeUserId(), true);
    await client.getCrypto()?.bootstrapCrossSigning({});
  }
}
