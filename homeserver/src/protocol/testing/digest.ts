import { sha256 } from '../crypto.ts';

/** SHA-256 of a text as hexadecimal digits. */
export function sha256Hex(text: string): string {
  return Array.from(sha256(text), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
