import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';
import { page, problemNotice } from '../pages/page.ts';
import { passkeyForm } from '../passkeys/passkey-form.ts';
import { passkeyScript } from '../passkeys/passkey-script.ts';
import { withNext } from './next-page.ts';

export interface LoginForm {
  serverName: string;
  formToken: string;
  next: string;
  username: string;
  /** What a passkey is asked; absent: none can be. */
  passkeyOptions: object | undefined;
  /** The name of a provider whose accounts let in, too. */
  provider: string | undefined;
  problem?: string | undefined;
}

export function loginPage(form: LoginForm): Html {
  const { serverName, next, problem } = form;
  return page(
    'Log in',
    html`<p>with your account on <strong>${serverName}</strong>.</p>
${problemNotice(problem)}
${byPasskey(form)}
${byPassword(form)}
${byProvider(form)}
<p><a href="${withNext('/oauth2/login/recovery', next)}">Use a recovery code</a></p>
<p>No account yet? <a href="${withNext('/oauth2/register', next)}">Make one</a> if you were invited.</p>`,
    passkeyScript,
  );
}

function byPasskey({ formToken, next, passkeyOptions }: LoginForm): Html {
  if (!passkeyOptions) return html``;
  const form = passkeyForm({
    action: '/oauth2/login/passkey',
    options: passkeyOptions,
    hidden: { form_token: formToken, next },
    button: html`<button class="wide">Log in with a passkey</button>`,
    offered: true,
  });
  return html`${form}
<p class="or" hidden data-with-passkeys="">or by password</p>`;
}

function byPassword({ formToken, next, username }: LoginForm): Html {
  return html`<form method="post" action="/oauth2/login">
${hiddenFields({ form_token: formToken, next })}
<label for="username">User name</label>
<input id="username" name="username" value="${username}" required maxlength="255" autocomplete="username webauthn" autocapitalize="none" spellcheck="false">
<label for="password">Password</label>
<input id="password" name="password" type="password" required autocomplete="current-password">
<button>Log in</button>
</form>`;
}

function byProvider({ next, provider }: LoginForm): Html {
  if (provider === undefined) return html``;
  return html`<p class="or">or by another account</p>
<p><a class="button" href="/oauth2/upstream?${new URLSearchParams({ next }).toString()}">Log in with ${provider}</a></p>`;
}
