import { createHmac, randomBytes } from 'node:crypto';
import { sameSecret } from '../../../../platform/same-secret.ts';

/**
 * Challenges are signed statements: until when, and for which form of which browser. So to show a page writes nothing,
 * and only one that a passkey has answered is noted, as used.
 */

const lifetimeMs = 15 * 60_000;

/** What a challenge is for. `form`: the token of the form that it is shown with. */
export interface ChallengePurpose {
  ceremony: 'log in' | 'enrol' | 'confirm';
  form: string;
}

export function makeChallenge(purpose: ChallengePurpose, secret: string, nowMs: number): string {
  const statement = Buffer.alloc(22);
  randomBytes(16).copy(statement);
  statement.writeUIntBE(nowMs + lifetimeMs, 16, 6);
  return Buffer.concat([statement, sign(statement, purpose, secret)]).toString('base64url');
}

/** @returns when it ends, in epoch ms; nothing if it is not ours, for something else, or has ended */
export function challengeEnd(
  challenge: string,
  purpose: ChallengePurpose,
  secret: string,
  nowMs: number,
): number | undefined {
  const bytes = Buffer.from(challenge, 'base64url');
  if (bytes.byteLength !== 38) return undefined;
  const statement = bytes.subarray(0, 22);
  const expected = sign(statement, purpose, secret).toString('base64url');
  if (!sameSecret(expected, bytes.subarray(22).toString('base64url'))) return undefined;
  const endsMs = statement.readUIntBE(16, 6);
  return endsMs > nowMs ? endsMs : undefined;
}

function sign(statement: Buffer, { ceremony, form }: ChallengePurpose, secret: string): Buffer {
  const key = createHmac('sha256', secret).update(`passkey ${ceremony} ${form}`).digest();
  return createHmac('sha256', key).update(statement).digest().subarray(0, 16);
}
