import type { JsonObject } from './json.ts';

/**
 * The specification's error response: HTTP status, `errcode`, `error`. One constructor per errcode below.
 * Objects never throw it across RPC (classes do not survive); they return a `Denial`.
 */
export class MatrixError extends Error {
  readonly status: number;
  readonly errcode: string;
  /** Further members of the body, such as `retry_after_ms` or `soft_logout`. */
  readonly extra: JsonObject;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    errcode: string,
    message: string,
    extra: JsonObject = {},
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'MatrixError';
    this.status = status;
    this.errcode = errcode;
    this.extra = extra;
    this.headers = headers;
  }

  toBody(): JsonObject {
    return { ...this.extra, errcode: this.errcode, error: this.message };
  }
}

/** A refusal as plain data, for results that cross an RPC boundary. */
export interface Denial {
  kind: 'denied';
  status: number;
  errcode: string;
  error: string;
}

export function denial(error: MatrixError): Denial {
  return { kind: 'denied', status: error.status, errcode: error.errcode, error: error.message };
}

export function fromDenial(denied: Denial): MatrixError {
  return new MatrixError(denied.status, denied.errcode, denied.error);
}

export const forbidden = (message = 'You are not allowed to do this') =>
  new MatrixError(403, 'M_FORBIDDEN', message);
export const notFound = (message = 'Not found') => new MatrixError(404, 'M_NOT_FOUND', message);
export const unrecognized = (message = 'Unrecognized request') =>
  new MatrixError(404, 'M_UNRECOGNIZED', message);
export const methodNotAllowed = () => new MatrixError(405, 'M_UNRECOGNIZED', 'Method not allowed here');
export const userLocked = () =>
  new MatrixError(401, 'M_USER_LOCKED', 'This account is locked', { soft_logout: true });
export const userSuspended = () => new MatrixError(403, 'M_USER_SUSPENDED', 'This account is suspended');
export const missingToken = () => new MatrixError(401, 'M_MISSING_TOKEN', 'Missing access token');
export const unknownToken = (softLogout = false) =>
  new MatrixError(401, 'M_UNKNOWN_TOKEN', 'Unknown access token', softLogout ? { soft_logout: true } : {});
export const notJson = (message = 'The body is not JSON') => new MatrixError(400, 'M_NOT_JSON', message);
export const badJson = (message: string) => new MatrixError(400, 'M_BAD_JSON', message);
export const missingParam = (message: string) => new MatrixError(400, 'M_MISSING_PARAM', message);
export const invalidParam = (message: string) => new MatrixError(400, 'M_INVALID_PARAM', message);
export const tooLarge = (message = 'Too large') => new MatrixError(413, 'M_TOO_LARGE', message);
export const userInUse = () => new MatrixError(400, 'M_USER_IN_USE', 'This user name is taken');
export const invalidUsername = () =>
  new MatrixError(400, 'M_INVALID_USERNAME', 'A user name has only the characters a-z, 0-9 and ._=-/+');
export const weakPassword = (message: string) => new MatrixError(400, 'M_WEAK_PASSWORD', message);
export const profileTooLarge = () =>
  new MatrixError(400, 'M_PROFILE_TOO_LARGE', 'A profile has at most 64 KiB');
export const keyTooLarge = () =>
  new MatrixError(400, 'M_KEY_TOO_LARGE', 'A field name has at most 255 bytes');
export const invalidSignature = (message = 'The signature is not valid') =>
  new MatrixError(400, 'M_INVALID_SIGNATURE', message);
export const wrongRoomKeysVersion = (currentVersion: string) =>
  new MatrixError(403, 'M_WRONG_ROOM_KEYS_VERSION', 'This is not the current backup', {
    current_version: currentVersion,
  });
export const exclusive = (message = 'Reserved by an application service') =>
  new MatrixError(400, 'M_EXCLUSIVE', message);
export const unknownPos = () => new MatrixError(400, 'M_UNKNOWN_POS', 'Unknown position');
export const unsupportedRoomVersion = (version: string) =>
  new MatrixError(400, 'M_UNSUPPORTED_ROOM_VERSION', `Room version ${version} is not supported`);
/** Server-server API: the server that was asked to let a user in cannot. */
export const unableToGrantJoin = () =>
  new MatrixError(400, 'M_UNABLE_TO_GRANT_JOIN', 'No user of this server may invite to the room');
export const unableToAuthoriseJoin = () =>
  new MatrixError(
    400,
    'M_UNABLE_TO_AUTHORISE_JOIN',
    'This server is in none of the rooms that are asked for',
  );
export const incompatibleRoomVersion = (version: string) =>
  new MatrixError(400, 'M_INCOMPATIBLE_ROOM_VERSION', `The room has version ${version}`, {
    room_version: version,
  });
export const unknown = (message = 'Internal error', status = 500) =>
  new MatrixError(status, 'M_UNKNOWN', message);
export const duplicateAnnotation = () =>
  new MatrixError(400, 'M_DUPLICATE_ANNOTATION', 'You have reacted to this in the same way');
export const inviteBlocked = () => new MatrixError(403, 'M_INVITE_BLOCKED', 'The user wants no invitations');
export const unknownDevice = () => new MatrixError(400, 'M_UNKNOWN_DEVICE', 'The user has no such device');
export const concurrentWrite = (headers: Record<string, string>) =>
  new MatrixError(412, 'M_CONCURRENT_WRITE', 'Somebody else has written meanwhile', {}, headers);
export const limitExceeded = (retryAfterMs: number) =>
  new MatrixError(
    429,
    'M_LIMIT_EXCEEDED',
    'Too many requests',
    { retry_after_ms: retryAfterMs },
    { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) },
  );
