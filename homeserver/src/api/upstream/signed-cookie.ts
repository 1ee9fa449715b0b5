import { createHmac } from 'node:crypto';
import { sameSecret } from '../../../../platform/same-secret.ts';
import type { Config } from '../../config.ts';
import { type CookieName, makeCookie, readPageCookie } from '../oauth/browser.ts';

/** What a browser keeps for us for some minutes: readable for its owner, but of our making. */

const lifetimeMs = 15 * 60_000;

export function signedCookie(name: CookieName, value: object, config: Config, nowMs: number): string {
  const text = Buffer.from(JSON.stringify({ ...value, endsMs: nowMs + lifetimeMs })).toString('base64url');
  const cookie = makeCookie(name, `${text}.${sign(name, text, config)}`, config);
  return `${cookie}; Max-Age=${lifetimeMs / 1000}`;
}

/** @returns nothing if there is none, it is not ours, or it has ended */
export function readSignedCookie<T extends object>(
  request: Request,
  name: CookieName,
  config: Config,
  nowMs: number,
): T | undefined {
  const [text = '', mac = ''] = readPageCookie(request, name, config).split('.');
  if (text === '' || !sameSecret(sign(name, text, config), mac)) return undefined;
  const value = JSON.parse(Buffer.from(text, 'base64url').toString()) as T & { endsMs: number };
  return value.endsMs > nowMs ? value : undefined;
}

export function endedCookie(name: CookieName, config: Config): string {
  return `${makeCookie(name, '', config)}; Max-Age=0`;
}

function sign(name: CookieName, text: string, { macKey }: Config): string {
  return createHmac('sha256', macKey).update(`cookie ${name} ${text}`).digest('base64url');
}
