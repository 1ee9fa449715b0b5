import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { OauthError } from './oauth-error.ts';
import { isWithin, mayRegisterRedirect } from './redirect-uri.ts';

/** Client registration: RFC 7591 with the rules of MSC2966. Nothing that a client names is ever fetched. */

export const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code';
export const supportedGrants = ['authorization_code', 'refresh_token', deviceCodeGrant] as const;
const informationUris = ['logo_uri', 'tos_uri', 'policy_uri'] as const;

const uriField = v.pipe(v.string(), v.maxLength(2000));
const listField = v.pipe(v.array(v.pipe(v.string(), v.maxLength(255))), v.maxLength(20));

const metadataSchema = v.object({
  client_name: v.optional(v.pipe(v.string(), v.maxLength(255))),
  client_uri: uriField,
  logo_uri: v.optional(uriField),
  tos_uri: v.optional(uriField),
  policy_uri: v.optional(uriField),
  application_type: v.optional(v.picklist(['web', 'native']), 'web'),
  redirect_uris: v.optional(v.pipe(v.array(uriField), v.maxLength(20)), []),
  grant_types: v.optional(listField, ['authorization_code']),
  response_types: v.optional(listField),
  /** Absent it would mean a client with a secret, which is answered by what it gets: none. */
  token_endpoint_auth_method: v.optional(v.literal('none'), 'none'),
});

export type ClientMetadata = v.InferOutput<typeof metadataSchema>;

/** A client as it is stored, and as it registered. */
export interface OauthClient {
  clientId: string;
  metadata: ClientMetadata;
}

/** @throws OauthError `invalid_client_metadata`, `invalid_redirect_uri` */
export function parseClientMetadata(body: unknown): ClientMetadata {
  const parsed = v.safeParse(metadataSchema, body);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw invalidMetadata(`${v.getDotPath(issue) ?? 'the metadata'} is missing or wrong`);
  }
  const metadata = parsed.output;
  const clientUri = parseHttps(metadata.client_uri);
  if (!clientUri) throw invalidMetadata('client_uri is no plain https address');
  for (const name of informationUris) {
    const text = metadata[name];
    const uri = text === undefined ? clientUri : parseHttps(text);
    if (!uri || !isWithin(uri.hostname, clientUri.hostname)) {
      throw invalidMetadata(`${name} is not on the host of client_uri`);
    }
  }
  const grantTypes = supportedGrants.filter((grant) => metadata.grant_types.includes(grant));
  const usesRedirects = grantTypes.includes('authorization_code') || metadata.redirect_uris.length > 0;
  if (usesRedirects && metadata.redirect_uris.length === 0) {
    throw new OauthError('invalid_redirect_uri', 'redirect_uris is empty');
  }
  if (!usesRedirects && !grantTypes.includes(deviceCodeGrant)) {
    throw invalidMetadata('grant_types has none that is offered here');
  }
  const responseTypes = metadata.response_types ?? (usesRedirects ? ['code'] : []);
  if (usesRedirects && !responseTypes.includes('code')) throw invalidMetadata('response_types lacks code');
  for (const uri of metadata.redirect_uris) {
    if (!mayRegisterRedirect(uri, metadata.application_type, clientUri)) {
      throw new OauthError('invalid_redirect_uri', 'A redirect URI does not belong to client_uri');
    }
  }
  return { ...metadata, grant_types: grantTypes, response_types: usesRedirects ? ['code'] : [] };
}

/** Equal metadata give the same client. @returns the id, and the text to be stored */
export function identifyClient(metadata: ClientMetadata): { clientId: string; text: string } {
  const text = JSON.stringify(metadata);
  const clientId = createHash('sha256').update(text).digest('base64url').slice(0, 26);
  return { clientId, text };
}

/** What the pages call it: its name, or else where it comes from. */
export function clientLabel({ client_name: name, client_uri: uri }: ClientMetadata): string {
  const shown = name?.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim();
  return shown ? shown : new URL(uri).hostname;
}

const invalidMetadata = (description: string) => new OauthError('invalid_client_metadata', description);

function parseHttps(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const uri = new URL(text);
  const isPlain = uri.protocol === 'https:' && uri.username === '' && uri.password === '';
  return isPlain && uri.hostname !== '' ? uri : undefined;
}
