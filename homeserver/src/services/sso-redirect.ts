/**
 * Where a client without OAuth wants its user to come back to (client-server API, "Client login via SSO"). Nobody
 * registers such clients, so the user is asked; schemes by which a browser would run or read something are refused.
 */
const refusedSchemes = new Set([
  ...['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'filesystem:', 'about:', 'view-source:'],
  ...['ws:', 'wss:', 'ftp:'],
]);

/** @returns nothing if nobody may be sent there */
export function parseSsoRedirect(text: string): URL | undefined {
  if (text.length > 2000 || !/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (refusedSchemes.has(url.protocol) || url.username !== '' || url.password !== '') return undefined;
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  return isWeb && url.hostname === '' ? undefined : url;
}

/** As people are asked: a host, or of an app of the device its scheme. */
export function ssoTargetName(url: URL): string {
  return url.host === '' ? `an app on this device (${url.protocol.slice(0, -1)})` : url.host;
}

export function withLoginToken(target: URL, token: string): string {
  const url = new URL(target);
  url.searchParams.append('loginToken', token);
  return url.href;
}
