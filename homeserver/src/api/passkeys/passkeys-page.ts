import type { PasskeyRow } from '../../storage/d1/passkeys.ts';
import { dayOf } from '../account/day-of.ts';
import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';
import { page, problemNotice } from '../pages/page.ts';
import { passkeyForm } from './passkey-form.ts';
import { passkeyScript } from './passkey-script.ts';

export interface PasskeysPage {
  formToken: string;
  passkeys: readonly PasskeyRow[];
  /** Absent: this server's address is none that passkeys work with. */
  creation: object | undefined;
  problem?: string | undefined;
}

const path = '/account/passkeys';

export function passkeysPage({ formToken, passkeys, creation, problem }: PasskeysPage): Html {
  const rows = passkeys.reduce((all, passkey) => html`${all}${passkeyRow(passkey, formToken)}`, html``);
  const list =
    passkeys.length === 0 ? html`<p>You have none yet.</p>` : html`<ul class="devices">${rows}</ul>`;
  return page(
    'Passkeys',
    html`<p>With a passkey you log in by the lock of your phone or computer, or by a security key: there is nothing to remember, and nothing that a false page could take from you.</p>
${problemNotice(problem)}
${list}
<h2>Add a passkey</h2>
${creation ? creationForm(formToken, creation) : html`<p>Passkeys need a server with a host name and TLS.</p>`}
<p><a href="/account">Back to your account</a></p>`,
    passkeyScript,
  );
}

function passkeyRow({ credentialId, name, createdMs, usedMs }: PasskeyRow, formToken: string): Html {
  const used = usedMs === null ? 'not used yet' : `last used on ${dayOf(usedMs)}`;
  const id = { form_token: formToken, credential_id: credentialId };
  return html`<li>
<strong>${name}</strong><br>added on ${dayOf(createdMs)}, ${used}
<form method="post" action="${path}">
${hiddenFields({ ...id, action: 'rename' })}
<label for="name-${credentialId}">Name</label>
<input id="name-${credentialId}" name="name" value="${name}" required maxlength="60" autocomplete="off">
<button class="plain">Rename</button>
</form>
<form method="post" action="${path}">
${hiddenFields({ ...id, action: 'remove' })}
<button class="danger" aria-label="Remove ${name}">Remove</button>
</form>
</li>
`;
}

function creationForm(formToken: string, options: object): Html {
  const form = passkeyForm({
    action: path,
    options,
    hidden: { form_token: formToken, action: 'add' },
    fields: html`<label for="name">Name</label>
<p class="hint" id="name-hint">By which you know it again, for example “my phone”.</p>
<input id="name" name="name" value="Passkey" required maxlength="60" autocomplete="off" aria-describedby="name-hint">`,
    button: html`<button>Add a passkey</button>`,
  });
  return html`${form}
<noscript><p>This needs JavaScript.</p></noscript>`;
}
