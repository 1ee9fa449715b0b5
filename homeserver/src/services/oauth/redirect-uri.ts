/** Redirect URIs of clients, by the rules of MSC2966 ("Redirect URI validation"). */

export type ApplicationType = 'web' | 'native';

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether a client of this kind and home page may register the URI. */
export function mayRegisterRedirect(text: string, type: ApplicationType, clientUri: URL): boolean {
  const uri = parseUri(text);
  if (!uri) return false;
  if (uri.protocol === 'https:') return uri.port === '' && isWithin(uri.hostname, clientUri.hostname);
  if (type === 'web') return false;
  if (uri.protocol === 'http:') return loopbackHosts.has(uri.hostname) && uri.port === '';
  return isReversedHost(uri.protocol.slice(0, -1), clientUri.hostname) && !/^[^:]*:\/\//.test(text);
}

/** Exactly a registered one; of loopback addresses the port is chosen by the client each time (RFC 8252, 7.3). */
export function isRegisteredRedirect(text: string, registered: readonly string[]): boolean {
  if (registered.includes(text)) return true;
  const match = /^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])):\d{1,5}(\/[^#]*)?$/.exec(text);
  if (!match || !parseUri(text)) return false;
  const withoutPort = match[1] + (match[2] ?? '');
  return registered.includes(withoutPort);
}

/** The same host or one below it. */
export function isWithin(hostname: string, of: string): boolean {
  return hostname === of || hostname.endsWith(`.${of}`);
}

/** `io.element.android` belongs to `element.io`. Registered schemes are in small letters. */
function isReversedHost(scheme: string, hostname: string): boolean {
  const reversed = hostname.split('.').reverse().join('.');
  return reversed.includes('.') && (scheme === reversed || scheme.startsWith(`${reversed}.`));
}

/** Without user name, fragment, and the characters that parsers read differently from each other. */
function parseUri(text: string): URL | undefined {
  if (!/^[\x21-\x7e]{1,2000}$/.test(text) || /[\\#"'<>]/.test(text)) return undefined;
  if (!URL.canParse(text)) return undefined;
  const uri = new URL(text);
  const isPlain = uri.username === '' && uri.password === '' && !/^https?:\/\/[^/?]*@/i.test(text);
  // What parsing would have changed (case, default ports) is not what is compared later.
  const isWeb = /^https?:$/.test(uri.protocol);
  const start = isWeb ? `${uri.protocol}//${uri.host}` : uri.protocol;
  const isExact = text.startsWith(start) && !(isWeb && text.charAt(start.length) === ':');
  return isPlain && isExact ? uri : undefined;
}
