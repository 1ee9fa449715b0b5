import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** Defined where `launch-homeserver` bundles for test programs, who make accounts by the hundred, and nowhere else. */
declare const CHEAP_PASSWORDS: true | undefined;
/** Cost of new hashes: 32 MiB and some 80 ms. Old hashes keep the parameters that they name. */
const cost = { logN: typeof CHEAP_PASSWORDS === 'undefined' ? 15 : 4, r: 8, p: 1 };
const saltBytes = 16;
const hashBytes = 32;
/** A password longer than this is refused before it costs anything. */
export const maxPasswordLength = 512;

/**
 * The text form is `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`, salt and hash in base64url.
 * @note scrypt, because Workers allow PBKDF2 only 100,000 iterations.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, cost, hashBytes);
  const { logN, r, p } = cost;
  return ['scrypt', logN, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/**
 * Whether the password is the hashed one. An account without a password, or none at all, takes as long as
 * a wrong password, so that the time tells nothing about who exists.
 */
export async function verifyPassword(password: string, stored: string | null | undefined): Promise<boolean> {
  const known = parseHash(stored ?? '');
  if (password.length > maxPasswordLength) return false;
  if (!known) {
    await derive(password, Buffer.alloc(saltBytes), cost, hashBytes);
    return false;
  }
  const hash = await derive(password, known.salt, known, known.hash.byteLength);
  return timingSafeEqual(hash, known.hash);
}

/** Whether it was made with other parameters than new hashes are. */
export function needsRehash(stored: string): boolean {
  const known = parseHash(stored);
  return known?.logN !== cost.logN || known.r !== cost.r || known.p !== cost.p;
}

interface Cost {
  logN: number;
  r: number;
  p: number;
}

function parseHash(text: string): (Cost & { salt: Buffer; hash: Buffer }) | undefined {
  const match = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/.exec(text);
  if (!match) return undefined;
  const [, logN, r, p, salt = '', hash = ''] = match;
  return {
    logN: Number(logN),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}

/** @note workerd computes it at once on its own thread: parallel logins never add up their 32 MiB. */
function derive(password: string, salt: Buffer, { logN, r, p }: Cost, length: number): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 2 * 128 * 2 ** logN * r };
  return new Promise((resolve, reject) => {
    // Keyboards compose accents differently; NFKC makes what looks equal be equal.
    scrypt(password.normalize('NFKC'), salt, length, options, (error, hash) =>
      error ? reject(error) : resolve(hash),
    );
  });
}
