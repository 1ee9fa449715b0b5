import { unrecognized } from '../../../../matrix/errors.ts';
import { formTargetOf } from '../../services/oauth/authorization-request.ts';
import { parseSsoRedirect, ssoTargetName } from '../../services/sso-redirect.ts';
import { endpoint } from '../endpoint.ts';
import { browserUser, formToken } from '../oauth/browser.ts';
import { withNext } from '../oauth/next-page.ts';
import { hiddenFields } from '../pages/hidden-fields.ts';
import { html } from '../pages/html.ts';
import { refusal } from '../pages/notices.ts';
import { page } from '../pages/page.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';

/** Asks whether an app without OAuth is to get in: nobody has registered it, so its address is what there is to judge. */
export const showSso = endpoint({
  operationId: 'showSso',
  method: 'GET',
  paths: ['/oauth2/sso'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    if (!call.config.ssoLogin) throw unrecognized();
    const target = parseSsoRedirect(call.query.redirectUrl ?? '');
    if (!target) return refusal('The app wants you to be sent to a strange address.', 400);
    const next = `/oauth2/sso?${new URLSearchParams({ redirectUrl: target.href })}`;
    const user = await browserUser(call);
    if (!user) return seeOther(withNext('/oauth2/login', next));
    const form = formToken(call);
    const name = ssoTargetName(target);
    const shown = page(
      'Let an app in?',
      html`<p>The app at <code>${name}</code> wants to use your account <code>${user.userId}</code>: to read and send messages, see and change your rooms, and act as you.</p>
<p>Only go on if you have just asked this app to sign in, and if <code>${name}</code> is where you came from.</p>
<form method="post" action="/oauth2/sso">
${hiddenFields({ form_token: form.token, redirectUrl: target.href })}
<button name="decision" value="allow">Go on</button>
<button name="decision" value="deny" class="plain">Cancel</button>
</form>
<p>Not you? <a href="${withNext('/oauth2/login', next)}">Use another account</a>.</p>`,
    );
    return pageResponse(shown, 200, { cookies: form.cookies, formTarget: formTargetOf(target.href) });
  },
});
