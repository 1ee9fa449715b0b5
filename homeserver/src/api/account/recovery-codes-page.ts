import type { UserId } from '../../../../matrix/identifiers.ts';
import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';
import { page, problemNotice } from '../pages/page.ts';

const back = html`<p><a href="/account">Back to your account</a></p>`;

export function recoveryCodesPage(formToken: string, left: number): Html {
  const state = left === 0 ? 'You have none.' : `You have ${left} left.`;
  const warning = left === 0 ? '' : ' The ones you have now stop working then.';
  return page(
    'Recovery codes',
    html`<p>If you lose your passkey and forget your password, a recovery code lets you in. Each works once. ${state}</p>
<p>They are shown once only: print them or write them down, and keep them in a safe place.${warning}</p>
<form method="post" action="/account/recovery-codes">
${hiddenFields({ form_token: formToken })}
<button>Make new codes</button>
</form>
${back}`,
  );
}

export function newCodesPage(userId: UserId, codes: readonly string[]): Html {
  const rows = codes.reduce((all, code) => html`${all}<li><code>${code}</code></li>`, html``);
  return page(
    'Your recovery codes',
    html`<p>For <code>${userId}</code>. Keep them now: they are not shown again.</p>
<ul class="codes">${rows}</ul>
<p>These are for logging in. To read encrypted messages on a new device you need the recovery key that your app gave you.</p>
${back}`,
  );
}

/** The way in by such a code. */
export function recoveryPage(values: {
  formToken: string;
  next: string;
  username: string;
  problem?: string | undefined;
}): Html {
  const { formToken, next, username, problem } = values;
  return page(
    'Log in by recovery code',
    html`${problemNotice(problem)}
<form method="post" action="/oauth2/login/recovery">
${hiddenFields({ form_token: formToken, next })}
<label for="username">User name</label>
<input id="username" name="username" value="${username}" required maxlength="255" autocomplete="username" autocapitalize="none" spellcheck="false">
<label for="code">Recovery code</label>
<p class="hint" id="code-hint">One of your list that you have not used yet.</p>
<input id="code" name="code" required maxlength="40" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="code-hint">
<button>Log in</button>
</form>
<p><a href="/oauth2/login?${new URLSearchParams({ next }).toString()}">Log in another way</a></p>`,
  );
}
