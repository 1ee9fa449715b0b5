import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';
import { page, problemNotice } from '../pages/page.ts';
import { withNext } from './next-page.ts';

export interface RegistrationForm {
  serverName: string;
  formToken: string;
  next: string;
  username: string;
  problem?: string | undefined;
  /** Nobody needs an invitation. */
  isOpen: boolean;
  invitation: string;
  /** The name of the provider by whose account the person will log in, without a password here. */
  provider?: string | undefined;
}

export function registrationPage(form: RegistrationForm): Html {
  const { serverName, formToken, next, username, problem, provider } = form;
  return page(
    'Make an account',
    html`<p>on <strong>${serverName}</strong>.</p>
${problemNotice(problem)}
<form method="post" action="/oauth2/register">
${hiddenFields({ form_token: formToken, next })}
${invitationField(form)}
<label for="username">User name</label>
<p class="hint" id="username-hint">Small letters, digits and . _ - = / + only. It cannot be changed later: people will know you as @name:${serverName}.</p>
<input id="username" name="username" value="${username}" required maxlength="200" autocomplete="username" autocapitalize="none" spellcheck="false" aria-describedby="username-hint">
${provider === undefined ? passwordFields : html`<p>You will log in by your account at <strong>${provider}</strong>.</p>`}
<button>Make my account</button>
</form>
<p>You have one? <a href="${withNext('/oauth2/login', next)}">Log in</a>.</p>`,
  );
}

const passwordFields = html`<label for="password">Password</label>
<p class="hint" id="password-hint">At least 8 characters. Afterwards you can add a passkey, and log in without it.</p>
<input id="password" name="password" type="password" required autocomplete="new-password" aria-describedby="password-hint">
<label for="repeated">Password, once more</label>
<input id="repeated" name="repeated" type="password" required autocomplete="new-password">`;

function invitationField({ isOpen, invitation }: RegistrationForm): Html {
  if (isOpen) return html``;
  return html`<label for="invitation">Invitation</label>
<p class="hint" id="invitation-hint">The code that you were given by whom this server belongs to.</p>
<input id="invitation" name="invitation" value="${invitation}" required maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="invitation-hint">`;
}
