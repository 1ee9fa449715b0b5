import type { JsonObject } from '../../../matrix/json.ts';
import { type SigningKey, signJson, verifyJson } from './signatures.ts';

/** Server-server API, "Request Authentication". */

/** What is signed of a request. `uri`: path and query as they are sent. `content`: absent without a body. */
export interface SignedRequest {
  method: string;
  uri: string;
  origin: string;
  destination: string;
  content?: JsonObject | undefined;
}

/** One signature of a request as its header states it. */
export interface Credentials {
  origin: string;
  /** Absent: a server from before version 1.3 of the specification. */
  destination: string | undefined;
  keyId: string;
  signature: string;
}

const maxHeaderLength = 8192;
const maxCredentials = 10;

/** @throws CanonicalJsonError */
export function authorizationHeader(request: SignedRequest, key: SigningKey): string {
  const { signatures } = signJson(toJson(request), request.origin, key, 'any');
  const signature = signatures[request.origin]?.[key.keyId] ?? '';
  const { origin, destination } = request;
  return `X-Matrix origin="${origin}",destination="${destination}",key="${key.keyId}",sig="${signature}"`;
}

/** Whether the origin has signed the request with that key. */
export function verifyRequestSignature(
  request: SignedRequest,
  { keyId, signature }: Credentials,
  publicKey: Uint8Array,
): boolean {
  const signed = { ...toJson(request), signatures: { [request.origin]: { [keyId]: signature } } };
  return verifyJson(signed, request.origin, keyId, publicKey, 'any');
}

function toJson({ method, uri, origin, destination, content }: SignedRequest): JsonObject {
  return { method, uri, origin, destination, ...(content && { content }) };
}

const scheme = /x-matrix +/iy;
const parameter = /([!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^",\s]*))/iy;
const separator = /[ \t,]*/y;

/**
 * Reads `Authorization`; several such headers reach us joined by commas.
 * @returns nothing if it is malformed or of another scheme
 */
export function parseAuthorization(header: string): Credentials[] | undefined {
  if (header.length > maxHeaderLength) return undefined;
  const found: Map<string, string>[] = [];
  let at = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match) at += match[0].length;
    return match;
  };
  while (at < header.length) {
    next(separator);
    if (at >= header.length) break;
    if (next(scheme)) {
      found.push(new Map());
      continue;
    }
    const match = next(parameter);
    const [, name = '', quoted, bare = ''] = match ?? [];
    const parameters = found.at(-1);
    if (!match || !parameters) return undefined;
    parameters.set(name.toLowerCase(), quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'));
  }
  const credentials = found.map(toCredentials).filter((one) => one !== undefined);
  if (credentials.length !== found.length || found.length === 0 || found.length > maxCredentials)
    return undefined;
  return credentials;
}

function toCredentials(parameters: Map<string, string>): Credentials | undefined {
  const origin = parameters.get('origin');
  const keyId = parameters.get('key');
  const signature = parameters.get('sig');
  if (!origin || !keyId || !signature) return undefined;
  return { origin, destination: parameters.get('destination'), keyId, signature };
}
