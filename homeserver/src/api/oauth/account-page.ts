import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import type { DeviceInfo } from '../../objects/user-sync-rpc.ts';
import { dayOf } from '../account/day-of.ts';
import { type Proofs, proofForms } from '../account/proof-forms.ts';
import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';
import { page, problemNotice } from '../pages/page.ts';
import { passkeyScript } from '../passkeys/passkey-script.ts';
import type { AccountAction } from './account-action.ts';

export interface AccountPage {
  userId: UserId;
  formToken: string;
}

/** The ways in that an account has. */
export interface WaysIn {
  passkeys: number;
  recoveryCodes: number;
  hasPassword: boolean;
  /** A provider that accounts may be linked with, and whether this one is. */
  provider: { name: string; isLinked: boolean } | undefined;
}

export function overviewPage(
  { userId, formToken }: AccountPage,
  values: { displayName: string; devices: readonly DeviceInfo[]; ways: WaysIn; isAdmin: boolean },
): Html {
  const { displayName, devices, ways, isAdmin } = values;
  const rows = devices.map(
    (device) => html`<li>${deviceText(device)}<br>
<a href="${actionPath('device_delete', device.deviceId)}" aria-label="Sign out ${device.displayName ?? device.deviceId}">Sign out</a></li>
`,
  );
  return page(
    'Your account',
    html`<p>You are <code>${userId}</code>.</p>
<form method="post" action="/account">
  ${hidden(formToken, 'profile')}
  <label for="display_name">Name that others see</label>
  <input id="display_name" name="display_name" value="${displayName}" required maxlength="256" autocomplete="nickname">
  <button>Save</button>
</form>
<h2>Ways to log in</h2>
${waysIn(ways, formToken)}
<h2>Devices</h2>
${devices.length === 0 ? html`<p>No device is signed in.</p>` : html`<ul class="devices">${join(rows)}</ul>`}
<h2>More</h2>
<ul>
  ${isAdmin ? html`<li><a href="/account/invitations">Invite somebody to this server</a></li>` : html``}
  <li><a href="${actionPath('cross_signing_reset')}">Reset your digital identity</a></li>
  <li><a href="${actionPath('account_deactivate')}">Deactivate your account</a></li>
</ul>
<form method="post" action="/account">
  ${hidden(formToken, 'log_out')}
  <button class="plain">Log out of this page</button>
</form>`,
  );
}

function waysIn({ passkeys, recoveryCodes, hasPassword, provider }: WaysIn, formToken: string): Html {
  const count = (number: number, of: string) => (number === 0 ? 'none yet' : `${number} ${of}`);
  const link = html`<a href="/oauth2/upstream?next=%2Faccount">link it</a>`;
  const other = provider ? html`<li>${provider.name}: ${provider.isLinked ? 'linked' : link}</li>` : html``;
  return html`<ul>
  <li><a href="/account/passkeys">Passkeys</a>: ${count(passkeys, passkeys === 1 ? 'passkey' : 'passkeys')}</li>
  <li><a href="/account/recovery-codes">Recovery codes</a>: ${count(recoveryCodes, 'left')}</li>
  <li><a href="/account/password">Password</a>: ${hasPassword ? 'set' : 'none'}</li>
  ${other}
</ul>
${provider?.isLinked ? unlinkForm(provider.name, formToken) : html``}`;
}

function unlinkForm(name: string, formToken: string): Html {
  return html`<form method="post" action="/oauth2/upstream/link">
${hiddenFields({ form_token: formToken, action: 'unlink' })}
<button class="plain">Unlink ${name}</button>
</form>`;
}

export function devicePage({ formToken }: AccountPage, device: DeviceInfo): Html {
  return page(
    'Sign this device out?',
    html`<p>${deviceText(device)}</p>
<p>It has to sign in again to be used. Encrypted messages that only it can read are lost.</p>
<form method="post" action="/account">
  ${hidden(formToken, 'device_delete')}
  <input type="hidden" name="device_id" value="${device.deviceId}">
  <button class="danger">Sign out</button>
</form>
${back}`,
  );
}

export function resetPage({ userId, formToken }: AccountPage, proofs: Proofs, problem?: string): Html {
  return page(
    'Reset your digital identity?',
    html`<p>For <code>${userId}</code>. Do this only if you can no longer verify your devices and have lost your recovery key.</p>
<ul>
  <li>People you have verified will have to verify you again.</li>
  <li>All your devices will have to be verified again.</li>
</ul>
${problemNotice(problem)}
${proofForms(proofs, { formToken, action: 'cross_signing_reset', button: 'Allow the reset' })}
${back}`,
    passkeyScript,
  );
}

export function deactivationPage({ userId, formToken }: AccountPage, proofs: Proofs, problem?: string): Html {
  return page(
    'Deactivate your account?',
    html`<p><code>${userId}</code> will leave all rooms and be signed out everywhere. This cannot be undone, and nobody can ever have this name again.</p>
${problemNotice(problem)}
${proofForms(proofs, { formToken, action: 'account_deactivate', button: 'Deactivate for ever' })}
${back}`,
    passkeyScript,
  );
}

const back = html`<p><a href="/account">Back to your account</a></p>`;

function hidden(formToken: string, action: AccountAction | 'log_out'): Html {
  return html`<input type="hidden" name="form_token" value="${formToken}">
  <input type="hidden" name="action" value="${action}">`;
}

function deviceText({ deviceId, displayName, lastSeenTs }: DeviceInfo): Html {
  const seen = lastSeenTs === undefined ? 'never used' : `last used on ${dayOf(lastSeenTs)}`;
  return html`<strong>${displayName ?? 'Unnamed device'}</strong> <code>${deviceId}</code>, ${seen}`;
}

function actionPath(action: AccountAction, deviceId?: DeviceId): string {
  const query = new URLSearchParams({ action: `org.matrix.${action}` });
  if (deviceId !== undefined) query.set('device_id', deviceId);
  return `/account?${query}`;
}

function join(parts: readonly Html[]): Html {
  return parts.reduce((all, part) => html`${all}${part}`, html``);
}
