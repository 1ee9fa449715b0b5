/** Client-server API, "Web Browser Clients". */
export const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'X-Requested-With, Content-Type, Authorization, If-Match, If-None-Match',
  'access-control-expose-headers': 'ETag, Expires, Last-Modified, Retry-After',
} as const;

/** Other origins are let in where Matrix clients ask, and nowhere else: not to administration, not to our pages. */
export function isForWebClients(path: string): boolean {
  return path.startsWith('/_matrix/') || path.startsWith('/.well-known/matrix/');
}

export function preflight(): Response {
  return new Response(null, { status: 204, headers: { ...corsHeaders, 'access-control-max-age': '86400' } });
}
