import { createHmac } from 'node:crypto';
import { userLocked } from '../../../../matrix/errors.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { randomName } from '../../../../platform/random-name.ts';
import { sameSecret } from '../../../../platform/same-secret.ts';
import type { Config } from '../../config.ts';
import { makePageToken, userOfPageToken } from '../access-token.ts';
import type { Call } from '../endpoint.ts';

/**
 * Browsers on our own pages. Cookies are out of reach of scripts and of posts of other sites: one names the
 * login, as the user's object knows it; another is random and ties forms to the browser they were shown in.
 */

/** `upstream`, `identity`: see `upstream/`. */
export type CookieName = 'login' | 'form' | 'upstream' | 'identity';

type BrowserCall = Pick<Call<unknown, unknown>, 'request' | 'config' | 'stubs'>;

export interface BrowserUser {
  userId: UserId;
  token: string;
  /** When they logged in, in epoch ms. */
  openedMs: number;
}

/** Who is logged in, if anybody. */
export async function browserUser({ request, config, stubs }: BrowserCall): Promise<BrowserUser | undefined> {
  const token = readCookie(request, cookieName('login', config));
  const userId = userOfPageToken('browser', token, config);
  const session = userId && (await stubs.user(userId).browserSession(token));
  return session && { userId, token, openedMs: session.openedMs };
}

/** Logs a browser in. @returns the cookie, and how to undo it @throws `M_USER_LOCKED` */
export async function logBrowserIn(
  { config, stubs }: BrowserCall,
  userId: UserId,
): Promise<{ cookie: string; undo(): Promise<void> }> {
  const token = makePageToken('browser', userId, config);
  if (!(await stubs.user(userId).openBrowserSession(token))) throw userLocked();
  return {
    cookie: makeCookie('login', token, config),
    undo: () => stubs.user(userId).endBrowserSession(token),
  };
}

/** A cookie that takes the login away. */
export function logoutCookie(config: Config): string {
  return `${makeCookie('login', '', config)}; Max-Age=0`;
}

/** The hidden field of a form, and the cookie that has to be set for it if there is none yet. */
export function formToken({ request, config }: BrowserCall): { token: string; cookies: string[] } {
  const known = readCookie(request, cookieName('form', config));
  const anchor = known === '' ? randomName() : known;
  const token = tokenFor(anchor, request, config);
  return { token, cookies: known === '' ? [makeCookie('form', anchor, config)] : [] };
}

/** Whether a form was shown by us, in this browser, to whom is logged in now. */
export function isOwnForm({ request, config }: BrowserCall, token: string): boolean {
  const site = request.headers.get('sec-fetch-site') ?? 'same-origin';
  const anchor = readCookie(request, cookieName('form', config));
  if (anchor === '' || !['same-origin', 'none'].includes(site)) return false;
  return sameSecret(tokenFor(anchor, request, config), token);
}

function tokenFor(anchor: string, request: Request, config: Config): string {
  const login = readCookie(request, cookieName('login', config));
  return createHmac('sha256', config.macKey).update(`form ${anchor} ${login}`).digest('base64url');
}

/** With TLS, names by which browsers hold other hosts of the same domain off. */
function cookieName(name: CookieName, config: Config): string {
  return isSecure(config) ? `__Host-roost-${name}` : `roost-${name}`;
}

/** Lax: a link of another site into our pages is to find the login there, a form of it is not. */
export function makeCookie(name: CookieName, value: string, config: Config): string {
  const secure = isSecure(config) ? '; Secure' : '';
  return `${cookieName(name, config)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}

export function readPageCookie(request: Request, name: CookieName, config: Config): string {
  return readCookie(request, cookieName(name, config));
}

const isSecure = (config: Config) => config.publicBaseUrl.startsWith('https:');

function readCookie(request: Request, name: string): string {
  for (const part of (request.headers.get('cookie') ?? '').split(';')) {
    const [key, value] = part.trim().split('=');
    if (key === name) return value ?? '';
  }
  return '';
}
