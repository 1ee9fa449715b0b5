import { createHmac } from 'node:crypto';
import { invalidParam, notFound, tooLarge } from '../../../../../matrix/errors.ts';
import { readLimitedBody } from '../../../../../platform/limited-body.ts';
import { sameSecret } from '../../../../../platform/same-secret.ts';
import type { Config } from '../../../config.ts';
import type { RendezvousSession } from '../../../storage/d1/rendezvous-sessions.ts';

/** MSC4108, version of 2024: a mailbox with one place, where two devices meet before they trust each other. */
export const rendezvousPath = '/_matrix/client/unstable/org.matrix.msc4108/rendezvous';

const maxPayloadBytes = 4096;

export const noSession = () => notFound('No such session');

/** The MAC keeps made-up ids away from the database. */
export function makeSessionId(config: Config): string {
  const random = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url');
  return `${random}${mac(random, config)}`;
}

/** @throws `M_NOT_FOUND` if we never made it */
export function sessionIdOf({ sessionId = '' }: Record<string, string>, config: Config): string {
  const random = sessionId.slice(0, 22);
  if (!sameSecret(mac(random, config), sessionId.slice(22))) throw noSession();
  return sessionId;
}

function mac(random: string, config: Config): string {
  const digest = createHmac('sha256', config.macKey).update(`rendezvous ${random}`).digest();
  return digest.subarray(0, 8).toString('base64url');
}

/** @throws `M_TOO_LARGE`, `M_INVALID_PARAM` */
export async function readPayload(request: Request): Promise<string> {
  const type = request.headers.get('content-type');
  if (type?.split(';')[0]?.trim().toLowerCase() !== 'text/plain') {
    throw invalidParam('The content type is not text/plain');
  }
  const body = await readLimitedBody(request, maxPayloadBytes);
  if (!body) throw tooLarge(`The payload is over ${maxPayloadBytes} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw invalidParam('The payload is not UTF-8');
  }
}

/** Of every answer about a session. */
export function sessionHeaders({
  version,
  modifiedMs,
  expiresMs,
}: RendezvousSession): Record<string, string> {
  return {
    etag: `"${version}"`,
    'last-modified': new Date(modifiedMs).toUTCString(),
    expires: new Date(expiresMs).toUTCString(),
    'cache-control': 'no-store',
    pragma: 'no-cache',
  };
}

/** @param tag of `If-Match` and its like; a front that compresses makes it weak */
export function versionOf(tag: string): number | undefined {
  const digits = /^(?:W\/)?"([1-9][0-9]{0,9})"$/.exec(tag.trim())?.[1];
  return digits === undefined ? undefined : Number(digits);
}
