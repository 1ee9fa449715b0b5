import type { UserId } from '../../../../matrix/identifiers.ts';
import { withNext } from '../oauth/next-page.ts';
import { hiddenFields } from '../pages/hidden-fields.ts';
import { type Html, html } from '../pages/html.ts';
import { page } from '../pages/page.ts';

export function providerFailedPage(name: string): Html {
  return page(
    'This did not work',
    html`<p>You could not be logged in by <strong>${name}</strong>. Please start again in your app, or <a href="/oauth2/login">log in another way</a>.</p>`,
  );
}

/** Somebody came from the provider whom nobody here is linked with. @param userId who is logged in here */
export function linkPage(values: {
  name: string;
  userId: UserId | undefined;
  formToken: string;
  next: string;
}): Html {
  const { name, userId, formToken, next } = values;
  const here = `/oauth2/upstream/link?${new URLSearchParams({ next })}`;
  if (userId === undefined) {
    return page(
      'You are new here',
      html`<p>Your account at <strong>${name}</strong> is not linked with an account here yet.</p>
<p><a class="button" href="${withNext('/oauth2/login', here)}">I have an account here: link it</a></p>
<p><a class="button" href="${withNext('/oauth2/register', next)}">Make a new account</a></p>`,
    );
  }
  return page(
    'Link your accounts?',
    html`<p>From then on, whoever is logged in to your account at <strong>${name}</strong> can log in as <code>${userId}</code> here.</p>
<form method="post" action="/oauth2/upstream/link">
${hiddenFields({ form_token: formToken, next })}
<button>Link them</button>
</form>
<p><a href="/account">Cancel</a></p>`,
  );
}
