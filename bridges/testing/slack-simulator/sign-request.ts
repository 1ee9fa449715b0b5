import { createHmac } from 'node:crypto';

/** Slack's `v0` signature over the raw body. `timestampS` is whole seconds. */
export function signRequest(
  signingSecret: string,
  body: string,
  timestampS: number,
): { 'x-slack-signature': string; 'x-slack-request-timestamp': string } {
  const mac = createHmac('sha256', signingSecret).update(`v0:${timestampS}:${body}`).digest('hex');
  return { 'x-slack-signature': `v0=${mac}`, 'x-slack-request-timestamp': String(timestampS) };
}
