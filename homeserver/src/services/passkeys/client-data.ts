import * as v from 'valibot';
import type { RelyingParty } from './relying-party.ts';

/** Web Authentication, 5.8.1: what the browser says of a ceremony. */
const clientData = v.looseObject({
  type: v.string(),
  challenge: v.string(),
  origin: v.string(),
  crossOrigin: v.optional(v.boolean(), false),
});

/** @returns the challenge that was answered; nothing if it is of another kind, for another site, or inside a frame of one */
export function answeredChallenge(
  json: Uint8Array,
  type: 'webauthn.create' | 'webauthn.get',
  { origin }: RelyingParty,
): string | undefined {
  try {
    const parsed = v.parse(clientData, JSON.parse(Buffer.from(json).toString()));
    const isOurs = parsed.type === type && parsed.origin === origin && !parsed.crossOrigin;
    return isOurs ? parsed.challenge : undefined;
  } catch {
    return undefined;
  }
}
