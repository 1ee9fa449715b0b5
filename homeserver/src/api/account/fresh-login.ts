import type { Call } from '../endpoint.ts';
import { type BrowserUser, browserUser } from '../oauth/browser.ts';
import { withNext } from '../oauth/next-page.ts';
import { seeOther } from '../pages/page-response.ts';

/** How long after a login the ways to log in may be changed. */
const freshMs = 15 * 60_000;

export const isFresh = ({ openedMs }: BrowserUser, nowMs: number) => nowMs - openedMs < freshMs;

/**
 * Who is logged in, and has been for a short time only: so whoever finds a browser open can't make a way in of
 * their own. All others are sent to log in first.
 * @param path the page that they come back to
 */
export async function freshUser(
  call: Pick<Call<unknown, unknown>, 'request' | 'config' | 'stubs'>,
  path: string,
): Promise<BrowserUser | Response> {
  const user = await browserUser(call);
  return user && isFresh(user, Date.now()) ? user : seeOther(withNext('/oauth2/login', path));
}
