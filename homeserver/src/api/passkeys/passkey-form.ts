import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';

export interface PasskeyForm {
  action: string;
  /** See `services/passkeys/options.ts`. */
  options: object;
  /** Names and values of further fields. */
  hidden: Record<string, string>;
  /** Further fields. */
  fields?: Html;
  button: Html;
  /** Passkeys are offered in the field of the user name too. */
  offered?: boolean;
}

/** A form that `passkeyScript` brings to life. */
export function passkeyForm({ action, options, hidden, fields, button, offered }: PasskeyForm): Html {
  const attributes = offered ? html`data-offer="" data-with-passkeys=""` : html`data-with-passkeys=""`;
  return html`<form method="post" action="${action}" id="passkey" hidden ${attributes} data-options="${JSON.stringify(options)}">
${hiddenFields({ ...hidden, credential: '' })}
${fields ?? html``}
<p class="problem" role="alert" id="passkey-problem" hidden>The passkey was not used. Please try again, or take another way.</p>
${button}
</form>`;
}
