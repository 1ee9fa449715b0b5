import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { Config } from '../../config.ts';
import { readClient } from '../../storage/d1/oauth-clients.ts';
import type { ClientMetadata, OauthClient } from './client-metadata.ts';
import { issuerOf } from './issuer.ts';
import { OauthError, type OauthErrorCode } from './oauth-error.ts';
import { isRegisteredRedirect } from './redirect-uri.ts';
import { type GrantedScope, parseScope } from './scope.ts';

/** Where an answer to the client goes. */
export interface ReturnAddress {
  redirectUri: string;
  responseMode: 'query' | 'fragment';
  state: string | undefined;
}

/** What a client asks a user for (RFC 6749, 4.1.1, with RFC 7636). */
export interface AuthorizationRequest extends ReturnAddress {
  client: OauthClient;
  granted: GrantedScope;
  challenge: string;
  prompts: string[];
}

export type ReadRequest =
  | { kind: 'request'; request: AuthorizationRequest }
  /** Client or redirect URI are not known: the user is told, nobody is sent anywhere. */
  | { kind: 'unknown'; message: string }
  | { kind: 'refused'; location: string };

export async function readAuthorizationRequest(
  sent: URLSearchParams,
  db: DrizzleD1Database,
  config: Config,
): Promise<ReadRequest> {
  // RFC 6749, 3.1: a parameter without a value is none.
  const params = new URLSearchParams([...sent].filter(([, value]) => value !== ''));
  const client = await findClient(db, params.get('client_id') ?? '');
  const redirectUri = params.get('redirect_uri') ?? '';
  if (!client || isRepeated(params, 'client_id')) {
    return { kind: 'unknown', message: 'The app that sent you here is not known. Please start again there.' };
  }
  const isKnown = isRegisteredRedirect(redirectUri, client.metadata.redirect_uris);
  if (!isKnown || isRepeated(params, 'redirect_uri')) {
    return { kind: 'unknown', message: 'The app wants you to be sent to an address that is not its own.' };
  }
  const responseMode = params.get('response_mode') === 'fragment' ? 'fragment' : 'query';
  const address: ReturnAddress = { redirectUri, responseMode, state: params.get('state') ?? undefined };
  try {
    return { kind: 'request', request: { ...address, client, ...readTerms(params, client) } };
  } catch (error) {
    if (!(error instanceof OauthError)) throw error;
    return { kind: 'refused', location: errorLocation(address, error.code, error.message, config) };
  }
}

/** @throws OauthError for the client to hear */
function readTerms(
  params: URLSearchParams,
  { metadata }: OauthClient,
): Pick<AuthorizationRequest, 'granted' | 'challenge' | 'prompts'> {
  for (const name of new Set(params.keys())) {
    if (isRepeated(params, name)) throw new OauthError('invalid_request', 'A parameter is repeated');
  }
  if (!metadata.grant_types.includes('authorization_code')) {
    throw new OauthError('unauthorized_client', 'The client did not register for this grant');
  }
  if (!params.has('response_type')) throw new OauthError('invalid_request', 'response_type is missing');
  if (params.get('response_type') !== 'code') {
    throw new OauthError('unsupported_response_type', 'Only code is supported');
  }
  if (!['query', 'fragment'].includes(params.get('response_mode') ?? 'query')) {
    throw new OauthError('invalid_request', 'Only query and fragment are supported');
  }
  if (params.has('request') || params.has('request_uri')) {
    throw new OauthError('invalid_request', 'Request objects are not supported');
  }
  const challenge = params.get('code_challenge') ?? '';
  if (params.get('code_challenge_method') !== 'S256' || !/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
    throw new OauthError('invalid_request', 'PKCE by S256 is required');
  }
  // The same for the page and its form, and another at each login.
  const consoleDevice = `CONSOLE${challenge.slice(0, 12)}`;
  const granted = parseScope(params.get('scope') ?? '', consoleDevice);
  if (!granted) throw new OauthError('invalid_scope', 'The scope has to name the API and one device');
  const prompts = (params.get('prompt') ?? '').split(' ').filter((prompt) => prompt !== '');
  if (prompts.includes('none') && prompts.length > 1) {
    throw new OauthError('invalid_request', 'The prompt none goes with no other');
  }
  return { granted, challenge, prompts };
}

export async function findClient(db: DrizzleD1Database, clientId: string): Promise<OauthClient | undefined> {
  if (!/^[\w-]{1,64}$/.test(clientId)) return undefined;
  const text = await readClient(db, clientId);
  return text === undefined ? undefined : { clientId, metadata: JSON.parse(text) as ClientMetadata };
}

export function errorLocation(
  address: ReturnAddress,
  error: OauthErrorCode,
  description: string,
  config: Config,
): string {
  return answerLocation(address, { error, error_description: description }, config);
}

/** The answer goes with the issuer, by which a client of several servers tells them apart (RFC 9207). */
export function answerLocation(
  { redirectUri, responseMode, state }: ReturnAddress,
  answer: Record<string, string>,
  config: Config,
): string {
  const members = { ...answer, ...(state !== undefined && { state }), iss: issuerOf(config) };
  const text = new URLSearchParams(members).toString();
  if (responseMode === 'fragment') return `${redirectUri}#${text}`;
  return redirectUri + (redirectUri.includes('?') ? '&' : '?') + text;
}

/** The redirect URI as a source of a content security policy. */
export function formTargetOf(redirectUri: string): string {
  const uri = new URL(redirectUri);
  // An IPv6 address is no source, and what ends a directive is part of none; other schemes have no host.
  const isWeb = ['http:', 'https:'].includes(uri.protocol) && /^[\w.-]+$/.test(uri.hostname);
  return isWeb ? uri.origin : uri.protocol;
}

function isRepeated(params: URLSearchParams, name: string): boolean {
  return params.getAll(name).length > 1;
}
