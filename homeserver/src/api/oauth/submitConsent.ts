import { openD1 } from '../../../../platform/d1.ts';
import {
  answerLocation,
  errorLocation,
  readAuthorizationRequest,
} from '../../services/oauth/authorization-request.ts';
import { clientLabel } from '../../services/oauth/client-metadata.ts';
import { grantedTo } from '../../services/oauth/granted-to.ts';
import { markClientUsed } from '../../storage/d1/oauth-clients.ts';
import { makePageToken } from '../access-token.ts';
import { endpoint } from '../endpoint.ts';
import { readFormBody } from '../pages/form-body.ts';
import { refusal, staleForm } from '../pages/notices.ts';
import { seeOther } from '../pages/page-response.ts';
import { browserUser, isOwnForm } from './browser.ts';

/** The user's answer to a client. The request is read again: the form is not believed. */
export const submitConsent = endpoint({
  operationId: 'submitConsent',
  method: 'POST',
  paths: ['/oauth2/consent'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const { env, config, stubs } = call;
    const form = await readFormBody(call.request);
    const user = await browserUser(call);
    if (!user || !isOwnForm(call, form.form_token ?? '')) return staleForm();
    const db = openD1(env.DB, config.meter);
    const read = await readAuthorizationRequest(new URLSearchParams(form.request ?? ''), db, config);
    if (read.kind === 'unknown') return refusal(read.message, 400);
    if (read.kind === 'refused') return seeOther(read.location);
    const { request } = read;
    if (form.decision !== 'allow') {
      return seeOther(errorLocation(request, 'access_denied', 'The user does not want it', config));
    }
    const { clientId, metadata } = request.client;
    await markClientUsed(db, clientId, Date.now());
    const granted = await grantedTo(db, user.userId, request.granted);
    const code = makePageToken('code', user.userId, config);
    await stubs.user(user.userId).storeCode({
      code,
      clientId,
      clientName: clientLabel(metadata),
      redirectUri: request.redirectUri,
      challenge: request.challenge,
      scope: granted.scope,
      deviceId: granted.deviceId,
      refreshable: metadata.grant_types.includes('refresh_token'),
    });
    return seeOther(answerLocation(request, { code }, config));
  },
});
