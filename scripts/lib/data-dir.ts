import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';

const identitySchema = v.object({
  serverName: v.string(),
  signingKey: v.string(),
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
    signingKey: `ed25519 a_${randomBytes(3).toString('hex')} ${randomBytes(32).toString('base64').replace(/=+$/, '')}`,
    encryptionKey: randomBytes(32).toString('base64url'),
    adminToken: randomBytes(32).toString('base64url'),
    provisioningToken: randomBytes(32).toString('base64url'),
  };
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(draft, file);
  return identity;
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
