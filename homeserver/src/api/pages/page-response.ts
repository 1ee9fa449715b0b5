import { createHash } from 'node:crypto';
import type { Html } from './html.ts';
import { styles } from './setup-page.ts';

const styleHash = createHash('sha256').update(styles).digest('base64');

/** The page may do nothing but show itself and send its form here; its address holds a secret. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function pageResponse(page: Html, status = 200): Response {
  return new Response(page.text, { status, headers });
}
