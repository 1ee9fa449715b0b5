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

/** Where Matrix clients ask, and consoles that know Synapse's administration. All of it goes by tokens, never by cookies. */
const clientPaths = ['/_matrix/', '/.well-known/matrix/', '/_synapse/admin/'];

/** Other origins are let in there, and nowhere else: not to the owner's own administration, not to our pages. */
export function isForWebClients(path: string): boolean {
  return clientPaths.some((start) => path.startsWith(start)) || oauthPaths.has(path);
}

export function preflight(): Response {
  return new Response(null, { status: 204, headers: { ...corsHeaders, 'access-control-max-age': '86400' } });
}
