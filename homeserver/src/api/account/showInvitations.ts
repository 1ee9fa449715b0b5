import { endpoint } from '../endpoint.ts';
import { formToken } from '../oauth/browser.ts';
import { pageResponse } from '../pages/page-response.ts';
import { invitationPage, invitingUser } from './invitations.ts';

export const showInvitations = endpoint({
  operationId: 'showInvitations',
  method: 'GET',
  paths: ['/account/invitations'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const user = await invitingUser(call);
    if (user instanceof Response) return user;
    const form = formToken(call);
    return pageResponse(invitationPage(form.token, call.config.serverName), 200, { cookies: form.cookies });
  },
});
