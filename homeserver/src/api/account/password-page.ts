import type { UserId } from '../../../../matrix/identifiers.ts';
import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';
import { page, problemNotice } from '../pages/page.ts';

export function passwordPage(userId: UserId, formToken: string, problem?: string): Html {
  return page(
    'New password',
    html`<p>For <code>${userId}</code>. You stay logged in here; your apps stay signed in unless you choose otherwise.</p>
${problemNotice(problem)}
<form method="post" action="/account/password">
${hiddenFields({ form_token: formToken })}
<input hidden name="username" value="${userId}" autocomplete="username">
<label for="password">New password</label>
<p class="hint" id="password-hint">At least 8 characters. Nobody can tell you what it was, so keep it in a password manager.</p>
<input id="password" name="password" type="password" required autocomplete="new-password" aria-describedby="password-hint">
<label for="repeated">New password, once more</label>
<input id="repeated" name="repeated" type="password" required autocomplete="new-password">
<label class="choice"><input type="checkbox" name="sign_out" value="yes"> Sign all my devices out</label>
<button>Set the password</button>
</form>
<p><a href="/account">Back to your account</a></p>`,
  );
}
