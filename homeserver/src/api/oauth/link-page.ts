import type { UserId } from '../../../../matrix/identifiers.ts';
import { type ClientMetadata, clientLabel } from '../../services/oauth/client-metadata.ts';
import { type Html, html } from '../pages/html.ts';
import { page, problemNotice } from '../pages/page.ts';

export function codePage(problem?: string): Html {
  return page(
    'Link a device',
    html`${problemNotice(problem)}
<form method="get" action="/link">
  <label for="code">Code</label>
  <p class="hint" id="code-hint">The eight letters that the new device shows.</p>
  <input id="code" name="code" required maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="code-hint">
  <button>Go on</button>
</form>`,
  );
}

export function linkPage(values: {
  metadata: ClientMetadata;
  userId: UserId;
  deviceId: string;
  formToken: string;
  userCode: string;
}): Html {
  const { metadata, userId, deviceId, formToken, userCode } = values;
  const name = clientLabel(metadata);
  return page(
    `Let ${name} in?`,
    html`<p><strong>${name}</strong> on another device wants to use your account <code>${userId}</code>: to read and send messages, see and change your rooms, and act as you.</p>
<dl>
  <dt>The app says it is from</dt>
  <dd><code>${new URL(metadata.client_uri).hostname}</code></dd>
  <dt>The new device shows the code</dt>
  <dd><code>${userCode}</code></dd>
  <dt>It will be listed as</dt>
  <dd><code>${deviceId}</code></dd>
</dl>
<p>Only go on if the new device is in your hands and shows this very code.</p>
<form method="post" action="/link">
  <input type="hidden" name="form_token" value="${formToken}">
  <input type="hidden" name="code" value="${userCode}">
  <button name="decision" value="allow">Go on</button>
  <button name="decision" value="deny" class="plain">Cancel</button>
</form>`,
  );
}
