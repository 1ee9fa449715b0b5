import { createHash } from 'node:crypto';

/** Identifiers and secrets that are the same in every run with the same seed. */
export class SeededIds {
  readonly #seed: string;
  #count = 0;

  constructor(seed: string | number) {
    this.#seed = String(seed);
  }

  #digest(purpose: string): Buffer {
    this.#count += 1;
    return createHash('sha256').update(`${this.#seed}:${purpose}:${this.#count}`).digest();
  }

  /** `length` characters of `0-9A-Z` after the prefix, as Slack's identifiers look. */
  base36(prefix: string, length: number): string {
    const bytes = this.#digest(prefix);
    let out = prefix;
    for (let i = 0; i < length; i++) out += '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'[(bytes[i % 32] ?? 0) % 36];
    return out;
  }

  /** `length` hexadecimal digits (at most 64). */
  hex(length: number): string {
    return this.#digest('hex').toString('hex').slice(0, length);
  }

  /** `length` decimal digits (at most 32), the first not zero. */
  digits(length: number): string {
    const bytes = this.#digest('digits');
    let out = '';
    for (let i = 0; i < length; i++) out += String((bytes[i % 32] ?? 0) % 10);
    return out.startsWith('0') ? `1${out.slice(1)}` : out;
  }

  /** `length` characters of unpadded base64url. */
  base64url(length: number): string {
    const text = Buffer.concat([this.#digest('b64'), this.#digest('b64'), this.#digest('b64')]);
    return text.toString('base64url').slice(0, length);
  }

  bytes32(): Buffer {
    return this.#digest('bytes');
  }

  uuid(): string {
    const h = this.hex(32);
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`;
  }
}
