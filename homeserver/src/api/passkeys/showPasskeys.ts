import { freshUser } from '../account/fresh-login.ts';
import { endpoint } from '../endpoint.ts';
import { showPasskeysPage } from './show-passkeys-page.ts';

export const showPasskeys = endpoint({
  operationId: 'showPasskeys',
  method: 'GET',
  paths: ['/account/passkeys'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const user = await freshUser(call, '/account/passkeys');
    return user instanceof Response ? user : showPasskeysPage(call, user.userId);
  },
});
