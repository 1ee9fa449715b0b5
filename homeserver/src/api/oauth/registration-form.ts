import type { MatrixError } from '../../../../matrix/errors.ts';
import type { Call } from '../endpoint.ts';
import { pageResponse } from '../pages/page-response.ts';
import { arrivedIdentity } from '../upstream/arrived-identity.ts';
import { formToken } from './browser.ts';
import { nextPage } from './next-page.ts';
import { registrationPage } from './registration-page.ts';

type PageCall = Pick<Call<unknown, unknown>, 'request' | 'config' | 'stubs'>;

/**
 * The form as it was filled in, but for the passwords.
 */
export function showRegistrationForm(
  call: PageCall,
  form: Record<string, string>,
  error?: MatrixError,
): Response {
  const { token, cookies } = formToken(call);
  const page = registrationPage({
    serverName: call.config.serverName,
    formToken: token,
    next: nextPage(form.next ?? ''),
    username: form.username ?? '',
    isOpen: call.config.openRegistration,
    invitation: form.invitation ?? '',
    provider: arrivedIdentity(call.request, call.config) && call.config.upstream?.name,
    problem: error && `${error.message}.`,
  });
  return pageResponse(page, error?.status ?? 200, { cookies });
}
