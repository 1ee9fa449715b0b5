import { type DeviceId, parseDeviceId } from '../../../../matrix/identifiers.ts';

/** Scopes of MSC2967, stable and as clients still send them. */
const apiScopes = ['urn:matrix:client:api:*', 'urn:matrix:org.matrix.msc2967.client:api:*'];
const deviceScopes = ['urn:matrix:client:device:', 'urn:matrix:org.matrix.msc2967.client:device:'];
/** Synapse's administration, as its consoles ask for it. */
const adminScope = 'urn:synapse:admin:*';

export interface GrantedScope {
  deviceId: DeviceId;
  /** In the form in which it was asked for, without what is not known here. */
  scope: string;
}

export function hasAdminScope(scope: string): boolean {
  return scope.split(' ').includes(adminScope);
}

/** For those who administer nothing, and where nobody could be asked properly. */
export function withoutAdminScope<Granted extends { scope: string }>(granted: Granted): Granted {
  const scopes = granted.scope.split(' ').filter((scope) => scope !== adminScope);
  return { ...granted, scope: scopes.join(' ') };
}

/**
 * Reads what a client asks for. Unknown scopes are passed over, as OAuth wants; one device must be named, and
 * the whole of the client-server API, since a token for less is not offered. Whether the user may administer is not
 * known here.
 * @param consoleDevice of who asks to administer and names no device, as Element Admin does
 * @returns nothing if that is not so
 */
export function parseScope(text: string, consoleDevice?: string): GrantedScope | undefined {
  const asked = [...new Set(text.split(' ').filter((part) => part !== ''))];
  const api = asked.filter((scope) => apiScopes.includes(scope));
  const devices = asked.flatMap((scope) => {
    const prefix = deviceScopes.find((start) => scope.startsWith(start));
    return prefix === undefined ? [] : [{ scope, id: scope.slice(prefix.length) }];
  });
  const admin = asked.filter((scope) => scope === adminScope);
  const ids = new Set(devices.map(({ id }) => id));
  if (ids.size === 0 && admin.length > 0 && consoleDevice !== undefined) ids.add(consoleDevice);
  const [id] = ids;
  if (api.length === 0 || ids.size !== 1 || id === undefined || !isScopeDevice(id)) return undefined;
  const deviceId = parseDeviceId(id);
  if (!deviceId) return undefined;
  return { deviceId, scope: [...api, ...devices.map(({ scope }) => scope), ...admin].join(' ') };
}

/** What a login without OAuth may do. */
export function fullScope(deviceId: DeviceId): string {
  return `${apiScopes[0]} ${deviceScopes[0]}${deviceId}`;
}

/** MSC2967 asks for unreserved characters; the Curve25519 keys that name devices of QR logins are base64. */
function isScopeDevice(id: string): boolean {
  return /^[A-Za-z0-9._~+/=-]{1,255}$/.test(id);
}
