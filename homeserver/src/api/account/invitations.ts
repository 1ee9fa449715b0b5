import { openD1 } from '../../../../platform/d1.ts';
import type { Config } from '../../config.ts';
import { readAccount } from '../../storage/d1/accounts.ts';
import type { Call } from '../endpoint.ts';
import type { BrowserUser } from '../oauth/browser.ts';
import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';
import { refusal } from '../pages/notices.ts';
import { page } from '../pages/page.ts';
import { freshUser } from './fresh-login.ts';

/** Who may invite people to this server: its administrators. */
export async function invitingUser(
  call: Pick<Call<unknown, unknown>, 'request' | 'config' | 'stubs' | 'env'>,
): Promise<BrowserUser | Response> {
  const user = await freshUser(call, '/account/invitations');
  if (user instanceof Response) return user;
  const account = await readAccount(openD1(call.env.DB, call.config.meter), user.userId);
  if (account?.isAdmin) return user;
  return refusal('Only administrators of this server invite people to it.');
}

/** Where a person makes an account by a registration token. */
export function invitationLink(token: string, { publicBaseUrl }: Config): string {
  return `${publicBaseUrl}/register?${new URLSearchParams({ token })}`;
}

export function invitationPage(formToken: string, serverName: string): Html {
  return page(
    'Invite somebody',
    html`<p>Makes a link by which one person can make an account on <strong>${serverName}</strong>, within a week.</p>
<form method="post" action="/account/invitations">
${hiddenFields({ form_token: formToken })}
<button>Make a link</button>
</form>
<p><a href="/account">Back to your account</a></p>`,
  );
}

export function invitationLinkPage(link: string): Html {
  return page(
    'Your invitation',
    html`<p>Send this link to the person. It works once, for a week.</p>
<p><code>${link}</code></p>
<p><a href="/account/invitations">Invite somebody else</a></p>
<p><a href="/account">Back to your account</a></p>`,
  );
}
