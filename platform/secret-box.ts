/**
 * Encrypts secrets at rest (network tokens, signing keys) with AES-256-GCM under a key from the
 * environment. The text form is `v1.<base64url nonce>.<base64url ciphertext>`; `context` is authenticated,
 * so that a ciphertext moved to another row does not open.
 */
const version = 'v1';
const nonceBytes = 12;

export class SecretBox {
  readonly #key: Promise<CryptoKey>;

  /** @param keyText 32 random bytes in base64 or base64url */
  constructor(keyText: string) {
    const raw = Buffer.from(keyText, 'base64url');
    if (raw.byteLength !== 32) throw new Error('the encryption key must be 32 bytes in base64');
    this.#key = crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  }

  async seal(secret: string, context: string): Promise<string> {
    const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
    const sealed = await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv: nonce, additionalData: Buffer.from(context) },
      await this.#key,
      Buffer.from(secret),
    );
    return `${version}.${Buffer.from(nonce).toString('base64url')}.${Buffer.from(sealed).toString('base64url')}`;
  }

  /** @throws if the text is not ours, was altered, or was sealed for another context */
  async open(text: string, context: string): Promise<string> {
    const [prefix, nonce, sealed] = text.split('.');
    if (prefix !== version || !nonce || !sealed) throw new Error('not a sealed secret');
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: Buffer.from(nonce, 'base64url'), additionalData: Buffer.from(context) },
      await this.#key,
      Buffer.from(sealed, 'base64url'),
    );
    return Buffer.from(opened).toString();
  }
}
