import { endpoint } from '../endpoint.ts';
import { showLoginForm } from './login-form.ts';
import { hintedName, nextPage } from './next-page.ts';

export const showLogin = endpoint({
  operationId: 'showLogin',
  method: 'GET',
  paths: ['/oauth2/login'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const next = nextPage(call.query.next ?? '');
    return showLoginForm(call, next, hintedName(next));
  },
});
