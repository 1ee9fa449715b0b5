import type { Call } from '../endpoint.ts';
import { pageResponse } from '../pages/page-response.ts';
import { formToken } from './browser.ts';
import { loginPage } from './login-page.ts';

type PageCall = Pick<Call<unknown, unknown>, 'request' | 'config' | 'stubs'>;

/** @param next path of our own that the login leads on to */
export function showLoginForm(
  call: PageCall,
  next: string,
  username: string,
  status = 200,
  problem?: string,
): Response {
  const { token, cookies } = formToken(call);
  const { serverName } = call.config;
  return pageResponse(loginPage({ serverName, formToken: token, next, username, problem }), status, {
    cookies,
  });
}
