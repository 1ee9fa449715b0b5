import type { UserId } from '../../../../matrix/identifiers.ts';
import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';
import { page, problemNotice } from '../pages/page.ts';

export function fallbackPage(userId: UserId, formToken: string, session: string): Html {
  return page(
    'Confirm that it is you',
    html`<p>An app where you are signed in as <code>${userId}</code> wants to change something about your account, for example to remove a device.</p>
<p>Only go on if you have just done that in your app.</p>
<form method="post" action="/oauth2/fallback">
${hiddenFields({ form_token: formToken, session })}
<button>It is me</button>
</form>`,
  );
}

export function tokenFallbackPage(formToken: string, session: string, problem?: string): Html {
  return page(
    'Your invitation',
    html`<p>An app is making an account for you. People come to this server by invitation.</p>
${problemNotice(problem)}
<form method="post" action="/oauth2/fallback/token">
${hiddenFields({ form_token: formToken, session })}
<label for="token">Registration token</label>
<p class="hint" id="token-hint">You got it from whoever invited you.</p>
<input id="token" name="token" required maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="token-hint">
<button>Go on</button>
</form>`,
  );
}

/** Client-server API, "Fallback": how the client is told, whether it opened a window or a view of its own. */
export const doneScript = `
if (window.onAuthDone) window.onAuthDone();
else if (window.opener && window.opener.postMessage) window.opener.postMessage('authDone', '*');
`;

export function confirmedPage(): Html {
  return page('Thank you', html`<p>Go back to your app to go on.</p>`, doneScript);
}
