import type { JsonObject } from '../../../matrix/json.ts';
import type { Config } from '../config.ts';
import { ed25519PublicKey, encodeBase64 } from '../protocol/crypto.ts';
import { signJson } from '../protocol/signatures.ts';
import type { ServerKey } from './server-keys.ts';

/** Long enough for servers that are away for a night, short enough for a key that was stolen. */
const validityMs = 24 * 60 * 60 * 1000;

/** This server's own keys, for its own signatures. */
export function ownServerKeys({ signingKey, oldSigningKeys }: Config): Map<string, ServerKey> {
  const keys = oldSigningKeys.map(({ keyId, publicKey, expiredMs }): [string, ServerKey] => [
    keyId,
    { keyId, publicKey, validUntilMs: expiredMs, isOld: true },
  ]);
  const { keyId, seed } = signingKey;
  return new Map([
    ...keys,
    [
      keyId,
      { keyId, publicKey: ed25519PublicKey(seed), validUntilMs: Number.POSITIVE_INFINITY, isOld: false },
    ],
  ]);
}

/** Server-server API, "Publishing Keys". */
export function ownKeyAnswer({ serverName, signingKey, oldSigningKeys }: Config, nowMs: number): JsonObject {
  const answer = {
    server_name: serverName,
    valid_until_ts: nowMs + validityMs,
    verify_keys: { [signingKey.keyId]: { key: encodeBase64(ed25519PublicKey(signingKey.seed)) } },
    old_verify_keys: Object.fromEntries(
      oldSigningKeys.map(({ keyId, publicKey, expiredMs }) => [
        keyId,
        { key: encodeBase64(publicKey), expired_ts: expiredMs },
      ]),
    ),
  };
  return signJson(answer, serverName, signingKey);
}
