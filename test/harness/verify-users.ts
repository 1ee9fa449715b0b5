import type { MatrixClient } from 'matrix-js-sdk';
import {
  CryptoEvent,
  type ShowSasCallbacks,
  VerificationPhase,
  type VerificationRequest,
  type Verifier,
  VerifierEvent,
} from 'matrix-js-sdk/lib/crypto-api/index.js';
import { waitFor } from './wait-for.ts';

/**
 * Two users verify each other by comparing emoji, in a room that they share.
 * @returns the emoji that both saw
 */
export async function verifyUsers(
  asker: MatrixClient,
  other: MatrixClient,
  roomId: string,
): Promise<[string[], string[]]> {
  const received = new Promise<VerificationRequest>((resolve) =>
    other.once(CryptoEvent.VerificationRequestReceived, resolve),
  );
  const request = await crypto(asker).requestVerificationDM(other.getSafeUserId(), roomId);
  const answer = await received;
  await answer.accept();
  await inPhase(request, VerificationPhase.Ready);
  const askerVerifier = await request.startVerification('m.sas.v1');
  const askerSas = shownSas(askerVerifier);
  const otherVerifier = await waitFor('the other side to start', () => answer.verifier);
  const otherSas = shownSas(otherVerifier);
  const done = [askerVerifier.verify(), otherVerifier.verify()];
  const [seenByAsker, seenByOther] = await Promise.all([askerSas, otherSas]);
  await Promise.all([seenByAsker.confirm(), seenByOther.confirm()]);
  await Promise.all(done);
  await inPhase(request, VerificationPhase.Done);
  await inPhase(answer, VerificationPhase.Done);
  return [emoji(seenByAsker), emoji(seenByOther)];
}

function crypto(client: MatrixClient) {
  const api = client.getCrypto();
  if (!api) throw new Error('this client has no crypto');
  return api;
}

function shownSas(verifier: Verifier): Promise<ShowSasCallbacks> {
  return new Promise((resolve) => {
    const shown = verifier.getShowSasCallbacks();
    if (shown) resolve(shown);
    else verifier.once(VerifierEvent.ShowSas, resolve);
  });
}

function inPhase(request: VerificationRequest, phase: VerificationPhase): Promise<boolean> {
  return waitFor(`verification phase ${phase}`, () => request.phase === phase);
}

function emoji(sas: ShowSasCallbacks): string[] {
  return (sas.sas.emoji ?? []).map(([symbol]) => symbol);
}
