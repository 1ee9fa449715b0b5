import { type DeviceId, parseDeviceId } from '../../../../matrix/identifiers.ts';

/** Scopes of MSC2967, stable and as clients still send them. */
const apiScopes = ['urn:matrix:client:api:*', 'urn:matrix:org.matrix.msc2967.client:api:*'];
const deviceScopes = ['urn:matrix:client:device:', 'urn:matrix:org.matrix.msc2967.client:device:'];

export interface GrantedScope {
  deviceId: DeviceId;
  /** In the form in which it was asked for, without what is not known here. */
  scope: string;
}

/**
 * Reads what a client asks for. Unknown scopes are passed over, as OAuth wants; one device must be named, and
 * the whole of the client-server API, since a token for less is not offered.
 * @returns nothing if that is not so
 */
export function parseScope(text: string): GrantedScope | undefined {
  const asked = [...new Set(text.split(' ').filter((part) => part !== ''))];
  const api = asked.filter((scope) => apiScopes.includes(scope));
  const devices = asked.flatMap((scope) => {
    const prefix = deviceScopes.find((start) => scope.startsWith(start));
    return prefix === undefined ? [] : [{ scope, id: scope.slice(prefix.length) }];
  });
  const ids = new Set(devices.map(({ id }) => id));
  const [id] = ids;
  if (api.length === 0 || ids.size !== 1 || id === undefined || !isScopeDevice(id)) return undefined;
  const deviceId = parseDeviceId(id);
  if (!deviceId) return undefined;
  return { deviceId, scope: [...api, ...devices.map(({ scope }) => scope)].join(' ') };
}

/** MSC2967 asks for unreserved characters; the Curve25519 keys that name devices of QR logins are base64. */
function isScopeDevice(id: string): boolean {
  return /^[A-Za-z0-9._~+/=-]{1,255}$/.test(id);
}
