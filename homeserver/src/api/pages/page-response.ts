import { createHash } from 'node:crypto';
import type { Html } from './html.ts';
import { styles } from './page.ts';

const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
const styleHash = hashOf(styles);

export interface PageOptions {
  /** Where the answer to a form may lead on to, beside our own pages: a source of a content security policy. */
  formTarget?: string | undefined;
  cookies?: readonly string[];
  /** The page's own script, if it has one. */
  script?: string | undefined;
  /** The script asks this server. */
  asks?: boolean;
}

/** A page may do nothing but show itself and send its forms here; its address may hold a secret. */
export function pageResponse(page: Html, status = 200, options: PageOptions = {}): Response {
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      "default-src 'none'",
      `style-src '${styleHash}'`,
      ...(options.script === undefined ? [] : [`script-src '${hashOf(options.script)}'`]),
      ...(options.asks ? ["connect-src 'self'"] : []),
      `form-action 'self'${options.formTarget ? ` ${options.formTarget}` : ''}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'x-frame-options': 'DENY',
    ...commonHeaders,
  });
  for (const cookie of options.cookies ?? []) headers.append('set-cookie', cookie);
  return new Response(page.text, { status, headers });
}

const commonHeaders = {
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Sends a browser on, by GET. @param location a path of our own, or an address that was checked */
export function seeOther(location: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ location, ...commonHeaders });
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return new Response(null, { status: 303, headers });
}
