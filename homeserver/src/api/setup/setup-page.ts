import { type Html, html } from '../pages/html.ts';
import { page, problemNotice } from '../pages/page.ts';

/** The pages by which the owner makes the first account. They need no JavaScript. */

export interface SetupForm {
  token: string;
  serverName: string;
  username: string;
  /** What was wrong with the last attempt. */
  problem?: string;
}

export function formPage({ token, serverName, username, problem }: SetupForm): Html {
  return page(
    'Set up Roost',
    html`<p>Welcome. This makes your own account on <strong>${serverName}</strong>. You will be its administrator.</p>
${problemNotice(problem)}
<form method="post" action="/setup">
  <input type="hidden" name="token" value="${token}">
  <label for="username">User name</label>
  <p class="hint" id="username-hint">Small letters, digits and . _ - = / + only. It cannot be changed later: people will know you as @name:${serverName}.</p>
  <input id="username" name="username" value="${username}" required maxlength="200" autocomplete="username" autocapitalize="none" spellcheck="false" aria-describedby="username-hint">
  <label for="password">Password</label>
  <p class="hint" id="password-hint">At least 8 characters. Nobody can recover it for you, so keep it in a password manager.</p>
  <input id="password" name="password" type="password" required autocomplete="new-password" aria-describedby="password-hint">
  <label for="repeated">Password, once more</label>
  <input id="repeated" name="repeated" type="password" required autocomplete="new-password">
  <button>Make my account</button>
</form>`,
  );
}

export function donePage({ userId, homeserverUrl }: { userId: string; homeserverUrl: string }): Html {
  return page(
    'Your account is ready',
    html`<dl>
  <dt>You are</dt>
  <dd><code>${userId}</code></dd>
  <dt>Your homeserver</dt>
  <dd><code>${homeserverUrl}</code></dd>
</dl>
<h2>What to do next</h2>
<ol>
  <li>Open a Matrix app, for example <a href="https://app.element.io/" rel="noreferrer">Element</a> in the browser or on your phone.</li>
  <li>Choose to sign in, then change the server and enter <code>${homeserverUrl}</code>.</li>
  <li>Sign in with your user name and the password you have just chosen.</li>
  <li>If you like, <a href="/account/passkeys">add a passkey</a>, and log in without the password from then on.</li>
  <li>When the app offers a recovery key, save it: with it you can read your encrypted messages on a new device.</li>
</ol>
<p>The link that brought you here has been used and works no more.</p>`,
  );
}

export function usedPage(): Html {
  return page(
    'This link does not work',
    html`<p>A set-up link works once and for a limited time. This one is unknown, has been used, or has expired.</p>
<p>If you have your account already, open your Matrix app and sign in. If not, start Roost again: as long as there is no account, it shows a new link.</p>`,
  );
}
