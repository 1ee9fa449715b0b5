import { notFound, unrecognized } from '../../../../matrix/errors.ts';
import { parseSsoRedirect } from '../../services/sso-redirect.ts';
import { type Call, endpoint } from '../endpoint.ts';
import { withNext } from '../oauth/next-page.ts';
import { refusal } from '../pages/notices.ts';
import { seeOther } from '../pages/page-response.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3loginssoredirect */
export const redirectToSSO = endpoint({
  operationId: 'redirectToSSO',
  method: 'GET',
  paths: ['/_matrix/client/v3/login/sso/redirect'],
  auth: 'none',
  rateLimit: 'default',
  handler: async (call) => redirectTo(call, undefined),
});

/**
 * Leads a browser to our pages, which lead it back to the client.
 * @param provider of those that `GET /login` lists
 */
export function redirectTo(
  { url, config }: Pick<Call<unknown, unknown>, 'url' | 'config'>,
  provider: string | undefined,
): Response {
  if (!config.ssoLogin) throw unrecognized();
  if (provider !== undefined && (!config.upstream || !['upstream', 'roost'].includes(provider))) {
    throw notFound('There is no such identity provider');
  }
  const target = parseSsoRedirect(url.searchParams.get('redirectUrl') ?? '');
  if (!target) return refusal('The app wants you to be sent to a strange address.', 400);
  const next = `/oauth2/sso?${new URLSearchParams({ redirectUrl: target.href })}`;
  if (provider === 'upstream') return found(`/oauth2/upstream?${new URLSearchParams({ next })}`);
  return found(url.searchParams.get('action') === 'register' ? withNext('/oauth2/register', next) : next);
}

/** The specification has this status, where our own pages answer 303. */
function found(location: string): Response {
  return new Response(null, { status: 302, headers: seeOther(location).headers });
}
