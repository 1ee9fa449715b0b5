import { parseServerName } from '../../../matrix/identifiers.ts';
import type { Env } from '../env.ts';
import type { Pdu } from '../protocol/pdu.ts';
import type { RoomVersion } from '../protocol/room-versions.ts';
import { isEd25519KeyId } from '../protocol/server-key-answer.ts';
import { requiredSigners, signingKeyIds, verifyPdu } from '../protocol/signatures.ts';
import { fetchKeyRing, type KeyRing, knownKeyRing, type WantedKeys } from './server-keys.ts';

export type SignatureVerdict =
  | 'valid'
  /** Not signed as it should be, now and always. */
  | 'invalid'
  /** A key could not be had, or its server does not vouch for it at that time: another attempt may succeed. */
  | 'unknownKey';

/**
 * Whether events are signed by those who must have signed them (`requiredSigners`), each by a key that was valid
 * when the event was made, where the room version enforces that. Keys of all are fetched together, and only for events
 * that those which are known do not settle: anybody who passes an event on can add signatures to it.
 * @returns verdicts in the order of the events. Content hashes are not looked at.
 */
export async function checkEventSignatures(
  env: Env,
  version: RoomVersion,
  pdus: readonly Pdu[],
): Promise<SignatureVerdict[]> {
  const wanted = pdus.map((pdu) => wantedKeys(pdu, version));
  const judgeAll = (ring: KeyRing) =>
    pdus.map((pdu, index): SignatureVerdict => {
      const keys = wanted[index];
      return keys ? judge(pdu, version, keys, ring) : 'invalid';
    });
  const verdicts = judgeAll(
    await knownKeyRing(
      env,
      wanted.flatMap((keys) => keys ?? []),
    ),
  );
  const unsettled = wanted.filter((_, index) => verdicts[index] === 'unknownKey');
  if (unsettled.length === 0) return verdicts;
  const fetched = judgeAll(
    await fetchKeyRing(
      env,
      unsettled.flatMap((keys) => keys ?? []),
    ),
  );
  return verdicts.map((verdict, index) => (verdict === 'unknownKey' ? (fetched[index] ?? verdict) : verdict));
}

/** Nothing if one who must have signed has not. */
function wantedKeys(pdu: Pdu, version: RoomVersion): WantedKeys[] | undefined {
  const minValidUntilMs = version.enforcesKeyValidity ? pdu.origin_server_ts : 0;
  const wanted: WantedKeys[] = [];
  for (const signer of requiredSigners(pdu, version)) {
    const name = parseServerName(signer);
    const keyIds = signingKeyIds(pdu, signer).filter(isEd25519KeyId);
    if (!name || keyIds.length === 0) return undefined;
    wanted.push({ serverName: name, keyIds, minValidUntilMs });
  }
  return wanted;
}

function judge(pdu: Pdu, version: RoomVersion, wanted: WantedKeys[], ring: KeyRing): SignatureVerdict {
  let verdict: SignatureVerdict = 'valid';
  for (const { serverName, keyIds, minValidUntilMs } of wanted) {
    const keys = keyIds
      .map((id) => ring.get(serverName)?.get(id))
      .filter((key) => key !== undefined && key.validUntilMs >= minValidUntilMs);
    if (keys.some((key) => key && verifyPdu(pdu, version, serverName, key.keyId, key.publicKey))) continue;
    if (keys.length === keyIds.length) return 'invalid';
    verdict = 'unknownKey';
  }
  return verdict;
}
