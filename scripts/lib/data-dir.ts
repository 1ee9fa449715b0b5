import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { ed25519PublicKey, encodeBase64 } from '../../homeserver/src/protocol/crypto.ts';

const identitySchema = v.object({
  serverName: v.string(),
  signingKey: v.string(),
  /** Keys before it, as `OLD_SIGNING_KEYS` of `config/workers.ts` has them. */
  oldSigningKeys: v.optional(v.record(v.string(), v.object({ key: v.string(), expired_ts: v.number() })), {}),
  encryptionKey: v.string(),
  adminToken: v.string(),
  provisioningToken: v.string(),
});

/** What a server is: made at its first start, kept for ever. Losing it loses the server's name and secrets. */
export type Identity = v.InferOutput<typeof identitySchema>;

/**
 * Opens the folder that holds all data of a local server, and makes its identity at the first start.
 * @throws if the folder belongs to a server of another name: a name is permanent
 */
export function openDataDir(dir: string, serverName: string | undefined): Identity {
  mkdirSync(dir, { recursive: true });
  const file = path.join(dir, 'identity.json');
  const known = readIdentity(file);
  if (known) {
    if (serverName !== undefined && serverName !== known.serverName) {
      throw new Error(`${dir} belongs to the server ${known.serverName}, not ${serverName}`);
    }
    return known;
  }
  const identity: Identity = {
    serverName: serverName ?? 'localhost',
    signingKey: newSigningKey(),
    oldSigningKeys: {},
    encryptionKey: randomBytes(32).toString('base64url'),
    adminToken: randomBytes(32).toString('base64url'),
    provisioningToken: randomBytes(32).toString('base64url'),
  };
  writeIdentity(file, identity);
  return identity;
}

/**
 * Gives the server a new key to sign by, from its next start on. The old one stays published, for what was signed by it.
 * @returns the ids of the old and the new key
 * @throws if the folder belongs to no server
 */
export function rotateSigningKey(dir: string, nowMs: number): { oldKeyId: string; newKeyId: string } {
  const file = path.join(dir, 'identity.json');
  const identity = readIdentity(file);
  if (!identity) throw new Error(`there is no server in ${dir}`);
  const signingKey = newSigningKey();
  const [, oldName = '', seed = ''] = identity.signingKey.split(' ');
  const [oldKeyId, newKeyId] = [`ed25519:${oldName}`, `ed25519:${signingKey.split(' ')[1]}`];
  const key = encodeBase64(ed25519PublicKey(Buffer.from(seed, 'base64')));
  const oldSigningKeys = { ...identity.oldSigningKeys, [oldKeyId]: { key, expired_ts: nowMs } };
  writeIdentity(file, { ...identity, signingKey, oldSigningKeys });
  return { oldKeyId, newKeyId };
}

function newSigningKey(): string {
  const seed = encodeBase64(randomBytes(32));
  return `ed25519 a_${randomBytes(3).toString('hex')} ${seed}`;
}

/** Whole or not at all. */
function writeIdentity(file: string, identity: Identity): void {
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(draft, file);
}

function readIdentity(file: string): Identity | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  return v.parse(v.pipe(v.string(), v.parseJson(), identitySchema), text);
}
