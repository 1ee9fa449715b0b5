import { type Html, html } from '../pages/html.ts';
import { page, problemNotice } from '../pages/page.ts';
import { withNext } from './next-page.ts';

export interface LoginForm {
  serverName: string;
  formToken: string;
  next: string;
  username: string;
  problem?: string | undefined;
}

export function loginPage({ serverName, formToken, next, username, problem }: LoginForm): Html {
  return page(
    'Log in',
    html`<p>with your account on <strong>${serverName}</strong>.</p>
${problemNotice(problem)}
<form method="post" action="/oauth2/login">
  <input type="hidden" name="form_token" value="${formToken}">
  <input type="hidden" name="next" value="${next}">
  <label for="username">User name</label>
  <input id="username" name="username" value="${username}" required maxlength="255" autocomplete="username" autocapitalize="none" spellcheck="false">
  <label for="password">Password</label>
  <input id="password" name="password" type="password" required autocomplete="current-password">
  <button>Log in</button>
</form>
<p>No account yet? <a href="${withNext('/oauth2/register', next)}">Make one</a> if you were invited.</p>`,
  );
}

export interface RegistrationForm extends LoginForm {
  /** Nobody needs an invitation. */
  isOpen: boolean;
  invitation: string;
}

export function registrationPage(form: RegistrationForm): Html {
  const { serverName, formToken, next, username, problem, isOpen, invitation } = form;
  const token = isOpen
    ? html``
    : html`<label for="invitation">Invitation</label>
  <p class="hint" id="invitation-hint">The code that you were given by whom this server belongs to.</p>
  <input id="invitation" name="invitation" value="${invitation}" required maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="invitation-hint">`;
  return page(
    'Make an account',
    html`<p>on <strong>${serverName}</strong>.</p>
${problemNotice(problem)}
<form method="post" action="/oauth2/register">
  <input type="hidden" name="form_token" value="${formToken}">
  <input type="hidden" name="next" value="${next}">
  ${token}
  <label for="username">User name</label>
  <p class="hint" id="username-hint">Small letters, digits and . _ - = / + only. It cannot be changed later: people will know you as @name:${serverName}.</p>
  <input id="username" name="username" value="${username}" required maxlength="200" autocomplete="username" autocapitalize="none" spellcheck="false" aria-describedby="username-hint">
  <label for="password">Password</label>
  <p class="hint" id="password-hint">At least 8 characters. Nobody can recover it for you, so keep it in a password manager.</p>
  <input id="password" name="password" type="password" required autocomplete="new-password" aria-describedby="password-hint">
  <label for="repeated">Password, once more</label>
  <input id="repeated" name="repeated" type="password" required autocomplete="new-password">
  <button>Make my account</button>
</form>
<p>You have one? <a href="${withNext('/oauth2/login', next)}">Log in</a>.</p>`,
  );
}
