import type { UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** `signatures`: made after the upload of what they sign. */
export interface StoredSignature {
  /** Device id or public master key. */
  target: string;
  signer: UserId;
  /** `ed25519:<device id or public key>` */
  keyId: string;
  signature: string;
}

/** @returns whether it is new */
export function addSignature(sqlite: Sqlite, { target, signer, keyId, signature }: StoredSignature): boolean {
  return (
    sqlite.run(
      `INSERT INTO signatures (target, signer, key_id, signature) VALUES (?, ?, ?, ?)
       ON CONFLICT (target, signer, key_id) DO UPDATE
         SET signature = excluded.signature WHERE signature <> excluded.signature`,
      target,
      signer,
      keyId,
      signature,
    ) > 0
  );
}

/** Those by any of two signers, which may be the same. */
export function listSignatures(sqlite: Sqlite, owner: UserId, viewer: UserId): StoredSignature[] {
  return sqlite
    .all<{ target: string; signer: string; key_id: string; signature: string }>(
      'SELECT target, signer, key_id, signature FROM signatures WHERE signer IN (?, ?)',
      owner,
      viewer,
    )
    .map((row) => ({
      target: row.target,
      signer: row.signer as UserId,
      keyId: row.key_id,
      signature: row.signature,
    }));
}

/** Signatures of a device or key that is gone, and those the owner made with it. */
export function deleteSignaturesOf(sqlite: Sqlite, owner: UserId, target: string): void {
  sqlite.run(
    'DELETE FROM signatures WHERE target = ? OR (signer = ? AND key_id = ?)',
    target,
    owner,
    `ed25519:${target}`,
  );
}
