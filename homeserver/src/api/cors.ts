/** Client-server API, "Web Browser Clients". */
export const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'X-Requested-With, Content-Type, Authorization, If-Match, If-None-Match',
  'access-control-expose-headers': 'ETag, Expires, Last-Modified, Retry-After',
} as const;

/** Where clients speak OAuth by themselves. All else of it is shown to people. */
const oauthPaths = new Set([
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/oauth2/registration',
  '/oauth2/token',
  '/oauth2/revoke',
  '/oauth2/device',
  '/oauth2/jwks.json',
]);

/** Other origins are let in where Matrix clients ask, and nowhere else: not to administration, not to our pages. */
export function isForWebClients(path: string): boolean {
  return path.startsWith('/_matrix/') || path.startsWith('/.well-known/matrix/') || oauthPaths.has(path);
}

export function preflight(): Response {
  return new Response(null, { status: 204, headers: { ...corsHeaders, 'access-control-max-age': '86400' } });
}
