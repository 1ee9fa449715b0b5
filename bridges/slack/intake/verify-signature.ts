import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far Slack's clock and ours may differ, either way. */
const maxSkewS = 300;

export type Verdict = 'valid' | 'missing' | 'stale' | 'wrong';

/**
 * Checks that a request comes from Slack ("Verifying requests from Slack", version v0): HMAC-SHA256 over the
 * raw body, before anything parses it, compared in constant time; a recent timestamp, so that a recorded
 * request cannot be played again.
 */
export function verifySignature(
  signingSecret: string,
  headers: Headers,
  body: Uint8Array,
  nowMs: number,
): Verdict {
  const timestamp = headers.get('x-slack-request-timestamp') ?? '';
  const signature = headers.get('x-slack-signature') ?? '';
  if (signingSecret === '' || !/^[0-9]{1,12}$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature)) {
    return 'missing';
  }
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > maxSkewS) return 'stale';
  const expected = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(signature.slice(3), 'hex')) ? 'valid' : 'wrong';
}
