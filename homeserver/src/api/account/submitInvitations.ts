import { randomBytes } from 'node:crypto';
import { openD1 } from '../../../../platform/d1.ts';
import { storeRegistrationToken } from '../../services/registration-tokens.ts';
import { endpoint } from '../endpoint.ts';
import { isOwnForm } from '../oauth/browser.ts';
import { readFormBody } from '../pages/form-body.ts';
import { staleForm } from '../pages/notices.ts';
import { pageResponse } from '../pages/page-response.ts';
import { invitationLink, invitationLinkPage, invitingUser } from './invitations.ts';

const lifetimeMs = 7 * 24 * 60 * 60_000;

/** Makes a link for one person. */
export const submitInvitations = endpoint({
  operationId: 'submitInvitations',
  method: 'POST',
  paths: ['/account/invitations'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const { env, config } = call;
    const form = await readFormBody(call.request);
    const user = await invitingUser(call);
    if (user instanceof Response) return user;
    if (!isOwnForm(call, form.form_token ?? '')) return staleForm();
    const token = randomBytes(24).toString('base64url');
    const nowMs = Date.now();
    const terms = { token, usesAllowed: 1, isAdmin: false, expiresMs: nowMs + lifetimeMs };
    await storeRegistrationToken(openD1(env.DB, config.meter), config, terms, nowMs);
    return pageResponse(invitationLinkPage(invitationLink(token, config)));
  },
});
