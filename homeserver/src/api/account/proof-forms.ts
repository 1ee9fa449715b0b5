import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';
import { passkeyForm } from '../passkeys/passkey-form.ts';

/** How a user can prove again who they are. With neither, a fresh login is what there is. */
export interface Proofs {
  hasPassword: boolean;
  /** What a passkey is asked; absent: the user has none. */
  passkeyOptions: object | undefined;
}

/** Forms of the account page for what cannot be undone. */
export function proofForms(
  { hasPassword, passkeyOptions }: Proofs,
  { formToken, action, button }: { formToken: string; action: string; button: string },
): Html {
  const hidden = { form_token: formToken, action };
  const byPasskey = passkeyOptions
    ? passkeyForm({
        action: '/account',
        options: passkeyOptions,
        hidden,
        button: html`<button class="danger">${button}, by passkey</button>`,
      })
    : html``;
  const field = hasPassword
    ? html`<label for="password">Your password</label>
<input id="password" name="password" type="password" required autocomplete="current-password">`
    : html``;
  const byPassword = html`<form method="post" action="/account">
${hiddenFields(hidden)}
${field}
<button class="danger">${button}</button>
</form>`;
  if (!passkeyOptions) return byPassword;
  if (hasPassword)
    return html`${byPasskey}<p class="or" hidden data-with-passkeys="">or by password</p>${byPassword}`;
  return html`${byPasskey}<noscript><p>This needs JavaScript, to use your passkey.</p></noscript>`;
}
