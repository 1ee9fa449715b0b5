import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import type { GrantResult } from '../../objects/user-sync-rpc.ts';
import { findClient } from '../../services/oauth/authorization-request.ts';
import { clientLabel, deviceCodeGrant } from '../../services/oauth/client-metadata.ts';
import { redeemDeviceCode } from '../../services/oauth/device-codes.ts';
import { invalidGrant, OauthError } from '../../services/oauth/oauth-error.ts';
import { readAccount } from '../../storage/d1/accounts.ts';
import { userOfPageToken, userOfToken } from '../access-token.ts';
import { endSessions } from '../client/login/end-sessions.ts';
import { accessTokenMs, makeTokens } from '../client/login/open-session.ts';
import { type Call, endpoint } from '../endpoint.ts';
import { noStore, readClientForm, required } from './client-form.ts';

type TokenCall = Pick<Call<unknown, unknown>, 'config' | 'stubs' | 'env'>;
type Form = Record<string, string>;

/**
 * https://spec.matrix.org/v1.16/client-server-api/#token-refresh-flow (RFC 6749, 3.2). Codes and tokens name the user,
 * whose object decides: no other store is asked, but for device codes, which are nobody's until they are allowed.
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
      case deviceCodeGrant:
        return exchangeDeviceCode(call, form);
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
  const presented = { refreshToken, clientId: required(form, 'client_id'), scope: form.scope };
  const userId = userOfToken(refreshToken, config);
  if (!userId) throw invalidGrant();
  const next = { ...makeTokens(userId, config), expiresInMs: accessTokenMs };
  return answer(call, userId, await stubs.user(userId).refreshGrant(presented, next), next);
}

async function exchangeDeviceCode(call: TokenCall, form: Form): Promise<Response> {
  const { env, config, stubs } = call;
  const db = openD1(env.DB, config.meter);
  const clientId = required(form, 'client_id');
  const code = await redeemDeviceCode(db, required(form, 'device_code'), clientId, config, Date.now());
  const client = await findClient(db, clientId);
  const userId = code.userId as UserId;
  if (!client) throw invalidGrant();
  const request = {
    clientId,
    clientName: clientLabel(client.metadata),
    scope: code.scope,
    deviceId: code.deviceId as DeviceId,
    refreshable: client.metadata.grant_types.includes('refresh_token'),
  };
  const tokens = { ...makeTokens(userId, config), expiresInMs: accessTokenMs };
  const result = await stubs.user(userId).openGrant(request, tokens);
  // Who was deactivated since had all sessions ended before this one was there.
  if ((await readAccount(db, userId))?.deactivatedMs !== null) {
    await endSessions(stubs, userId, [request.deviceId]);
    throw invalidGrant();
  }
  return answer(call, userId, result, tokens);
}

async function answer(
  { stubs }: TokenCall,
  userId: UserId,
  result: GrantResult,
  tokens: { accessToken: string; refreshToken: string },
): Promise<Response> {
  if (result.kind === 'scope_exceeded') {
    throw new OauthError('invalid_scope', 'More than was granted is asked for');
  }
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
