import * as oauth from 'oauth4webapi';
import { isPublicHost } from '../../../../platform/public-host.ts';
import { safeFetch } from '../../../../platform/safe-fetch.ts';
import type { Config, UpstreamProvider } from '../../config.ts';
import type { Env } from '../../env.ts';
import type { ExternalIdentity } from '../../storage/d1/external-identities.ts';

/**
 * Another OpenID provider that lets people in here (OpenID Connect Core 1.0, 3.1: code flow, with PKCE and nonce, and
 * the signature of the ID token checked although it came straight from the provider).
 */

/** What a browser keeps between leaving for the provider and coming back. */
export interface UpstreamAttempt {
  state: string;
  nonce: string;
  verifier: string;
}

export class UpstreamError extends Error {}

const timeoutMs = 10_000;
const maxAnswerBytes = 256 * 1024;
export const callbackPath = '/oauth2/upstream/callback';

/** @returns where the browser goes, and what has to be there when it comes back @throws UpstreamError */
export async function startUpstreamLogin(
  provider: UpstreamProvider,
  env: Env,
  config: Config,
): Promise<{ location: string; attempt: UpstreamAttempt }> {
  const server = await discover(provider, env);
  if (!server.authorization_endpoint) throw new UpstreamError('the provider has no authorization endpoint');
  const attempt: UpstreamAttempt = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
  };
  const location = new URL(server.authorization_endpoint);
  const parameters = {
    client_id: provider.clientId,
    redirect_uri: config.publicBaseUrl + callbackPath,
    response_type: 'code',
    scope: 'openid',
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value);
  return { location: location.href, attempt };
}

/** @param answer the address that the browser came back to @throws UpstreamError, whatever is wrong with it */
export async function finishUpstreamLogin(
  provider: UpstreamProvider,
  env: Env,
  config: Config,
  { answer, attempt }: { answer: URL; attempt: UpstreamAttempt },
): Promise<ExternalIdentity> {
  const server = await discover(provider, env);
  const client: oauth.Client = { client_id: provider.clientId };
  const options = optionsFor(provider, env);
  try {
    const parameters = oauth.validateAuthResponse(server, client, answer, attempt.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      provider.clientSecret === undefined ? oauth.None() : clientAuth(server, provider.clientSecret),
      parameters,
      config.publicBaseUrl + callbackPath,
      attempt.verifier,
      options,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: attempt.nonce,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, response, options);
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (!claims) throw new UpstreamError('there is no ID token');
    return { issuer: provider.issuer, subject: claims.sub };
  } catch (error) {
    throw asUpstreamError(error);
  }
}

async function discover(provider: UpstreamProvider, env: Env): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(provider.issuer);
  try {
    const response = await oauth.discoveryRequest(issuer, optionsFor(provider, env));
    return await oauth.processDiscoveryResponse(issuer, response);
  } catch (error) {
    throw asUpstreamError(error);
  }
}

function clientAuth(server: oauth.AuthorizationServer, secret: string): oauth.ClientAuth {
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic')
    ? oauth.ClientSecretBasic(secret)
    : oauth.ClientSecretPost(secret);
}

/** The provider names its own endpoints: public hosts alone, but for those that the owner named. */
function optionsFor({ hosts }: UpstreamProvider, env: Env) {
  return {
    // Without TLS only where the owner says so.
    [oauth.allowInsecureRequests]: hosts.length > 0,
    [oauth.customFetch]: async (
      address: string,
      init: { body?: unknown; headers: Record<string, string>; method: string },
    ) => {
      const isExempt = (url: string) => hosts.includes(new URL(url).hostname);
      if (new URL(address).protocol !== 'https:' && !isExempt(address)) throw new UpstreamError('no TLS');
      const response = await safeFetch(address, {
        method: init.method === 'POST' ? 'POST' : 'GET',
        headers: init.headers,
        ...(init.body !== undefined && { body: String(init.body) }),
        timeoutMs,
        maxBytes: maxAnswerBytes,
        maxRedirects: 0,
        allowedHosts: hosts.filter((host) => !isPublicHost(host)),
        fetch: (url, sent) =>
          env.PUBLIC_INTERNET && !isExempt(url) ? env.PUBLIC_INTERNET.fetch(url, sent) : fetch(url, sent),
      });
      return response;
    },
  };
}

function asUpstreamError(error: unknown): UpstreamError {
  return error instanceof UpstreamError ? error : new UpstreamError(String(error).slice(0, 300));
}
