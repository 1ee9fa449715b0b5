import type { UserId } from '../../../../matrix/identifiers.ts';
import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';
import { page } from '../pages/page.ts';

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

/** Client-server API, "Fallback": how the client is told, whether it opened a window or a view of its own. */
export const doneScript = `
if (window.onAuthDone) window.onAuthDone();
else if (window.opener && window.opener.postMessage) window.opener.postMessage('authDone', '*');
`;

export function confirmedPage(): Html {
  return page('Thank you', html`<p>Go back to your app to go on.</p>`, doneScript);
}
