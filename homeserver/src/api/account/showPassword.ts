import { endpoint } from '../endpoint.ts';
import { formToken } from '../oauth/browser.ts';
import { pageResponse } from '../pages/page-response.ts';
import { freshUser } from './fresh-login.ts';
import { passwordPage } from './password-page.ts';

export const showPassword = endpoint({
  operationId: 'showPassword',
  method: 'GET',
  paths: ['/account/password'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const user = await freshUser(call, '/account/password');
    if (user instanceof Response) return user;
    const form = formToken(call);
    return pageResponse(passwordPage(user.userId, form.token), 200, { cookies: form.cookies });
  },
});
