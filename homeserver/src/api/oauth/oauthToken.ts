import type { UserId } from '../../../../matrix/identifiers.ts';
import type { GrantResult } from '../../objects/user-sync-rpc.ts';
import { invalidGrant, OauthError } from '../../services/oauth/oauth-error.ts';
import { userOfPageToken, userOfToken } from '../access-token.ts';
import { endSessions } from '../client/login/end-sessions.ts';
import { accessTokenMs, makeTokens } from '../client/login/open-session.ts';
import { type Call, endpoint } from '../endpoint.ts';
import { noStore, readClientForm, required } from './client-form.ts';

type TokenCall = Pick<Call<unknown, unknown>, 'config' | 'stubs'>;
type Form = Record<string, string>;

/**
 * https://spec.matrix.org/v1.16/client-server-api/#token-refresh-flow (RFC 6749, 3.2). Codes and tokens name the user,
 * whose object decides: no other store is asked.
 */
export const oauthToken = endpoint({
  operationId: 'oauthToken',
  method: 'POST',
  paths: ['/oauth2/token'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const form = await readClientForm(call.request);
    switch (required(form, 'grant_type')) {
      case 'authorization_code':
        return exchangeCode(call, form);
      case 'refresh_token':
        return refreshTokens(call, form);
      default:
        throw new OauthError('unsupported_grant_type', 'This kind of grant is not offered here');
    }
  },
});

async function exchangeCode(call: TokenCall, form: Form): Promise<Response> {
  const { config, stubs } = call;
  const proof = {
    code: required(form, 'code'),
    clientId: required(form, 'client_id'),
    redirectUri: required(form, 'redirect_uri'),
    verifier: required(form, 'code_verifier'),
  };
  const userId = userOfPageToken('code', proof.code, config);
  if (!userId || !/^[A-Za-z0-9._~-]{43,128}$/.test(proof.verifier)) throw invalidGrant();
  const tokens = { ...makeTokens(userId, config), expiresInMs: accessTokenMs };
  return answer(call, userId, await stubs.user(userId).redeemCode(proof, tokens), tokens);
}

async function refreshTokens(call: TokenCall, form: Form): Promise<Response> {
  const { config, stubs } = call;
  const refreshToken = required(form, 'refresh_token');
  const clientId = required(form, 'client_id');
  const userId = userOfToken(refreshToken, config);
  if (!userId) throw invalidGrant();
  const next = { ...makeTokens(userId, config), expiresInMs: accessTokenMs };
  return answer(call, userId, await stubs.user(userId).refreshGrant({ refreshToken, clientId }, next), next);
}

async function answer(
  { stubs }: TokenCall,
  userId: UserId,
  result: GrantResult,
  tokens: { accessToken: string; refreshToken: string },
): Promise<Response> {
  if (result.kind === 'refused') {
    if (result.ended) await endSessions(stubs, userId, [result.ended]);
    throw invalidGrant();
  }
  const body = {
    access_token: tokens.accessToken,
    token_type: 'Bearer',
    expires_in: accessTokenMs / 1000,
    ...(result.refreshable && { refresh_token: tokens.refreshToken }),
    scope: result.scope,
  };
  return Response.json(body, { headers: noStore });
}
