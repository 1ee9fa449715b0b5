import type { UserId } from '../../../../matrix/identifiers.ts';
import type { AuthorizationRequest } from '../../services/oauth/authorization-request.ts';
import { clientLabel } from '../../services/oauth/client-metadata.ts';
import { type GrantedScope, hasAdminScope } from '../../services/oauth/scope.ts';
import { type Html, html } from '../pages/html.ts';
import { page } from '../pages/page.ts';
import { withNext } from './next-page.ts';

export function consentPage(
  request: AuthorizationRequest,
  {
    userId,
    granted,
    formToken,
    query,
  }: { userId: UserId; granted: GrantedScope; formToken: string; query: string },
): Html {
  const { client, redirectUri } = request;
  const name = clientLabel(client.metadata);
  return page(
    `Let ${name} in?`,
    html`<p><strong>${name}</strong> wants to use your account <code>${userId}</code>: to read and send messages, see and change your rooms, and act as you.</p>${hasAdminScope(granted.scope) ? adminWarning : ''}
<dl>
  <dt>The app says it is from</dt>
  <dd><code>${new URL(client.metadata.client_uri).hostname}</code></dd>
  <dt>You will be sent to</dt>
  <dd><code>${targetName(redirectUri)}</code></dd>
  <dt>It will be listed as the device</dt>
  <dd><code>${granted.deviceId}</code></dd>
</dl>
<p>Only go on if you have just asked this app to sign in.</p>
<form method="post" action="/oauth2/consent">
  <input type="hidden" name="form_token" value="${formToken}">
  <input type="hidden" name="request" value="${query}">
  <button name="decision" value="allow">Go on</button>
  <button name="decision" value="deny" class="plain">Cancel</button>
</form>
<p>Not you? <a href="${withNext('/oauth2/login', `/oauth2/authorize?${query}`)}">Use another account</a>.</p>`,
  );
}

const adminWarning = html`
<p class="problem" role="alert"><strong>It also wants to administer this server</strong>: to see and change all accounts, rooms and files, read rooms that you are not in, and sign in as anybody. Only go on if this is the console that you administer your server with.</p>`;

/** A host, or of an app of the device the scheme that it has registered there. */
function targetName(redirectUri: string): string {
  const uri = new URL(redirectUri);
  return uri.host === '' ? `an app on this device (${uri.protocol.slice(0, -1)})` : uri.host;
}
