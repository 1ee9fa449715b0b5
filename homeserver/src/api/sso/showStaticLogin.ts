import { endpoint } from '../endpoint.ts';
import { html } from '../pages/html.ts';
import { page } from '../pages/page.ts';
import { pageResponse } from '../pages/page-response.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#login-fallback: a client's own view shows this page, which logs in
 * on our pages and tells the client what `/login` answered.
 */
export const showStaticLogin = endpoint({
  operationId: 'showStaticLogin',
  method: 'GET',
  paths: ['/_matrix/static/client/login'],
  auth: 'none',
  rateLimit: 'default',
  async handler({ url, config }) {
    const back = new URL('/_matrix/static/client/login/', config.publicBaseUrl);
    for (const name of ['device_id', 'initial_device_display_name']) {
      const value = url.searchParams.get(name);
      if (value !== null) back.searchParams.set(name, value);
    }
    const target = `/_matrix/client/v3/login/sso/redirect?${new URLSearchParams({ redirectUrl: back.href })}`;
    const body = config.ssoLogin
      ? html`<p id="state">You log in on the pages of <strong>${config.serverName}</strong>.</p>
<p><a class="button" href="${target}">Go on</a></p>`
      : html`<p>Please use an app that logs in by the browser.</p>`;
    return pageResponse(page('Log in', body, loginScript), 200, { script: loginScript, asks: true });
  },
});

const loginScript = `
(async () => {
  const given = new URLSearchParams(location.search);
  const token = given.get('loginToken');
  if (!token) return;
  history.replaceState(null, '', location.pathname);
  const request = { type: 'm.login.token', token };
  for (const name of ['device_id', 'initial_device_display_name']) {
    if (given.has(name)) request[name] = given.get(name);
  }
  const answer = await fetch('/_matrix/client/v3/login', { method: 'POST', body: JSON.stringify(request) });
  const response = await answer.json();
  document.getElementById('state').textContent = answer.ok ? 'You are logged in.' : response.error;
  if (!answer.ok) return;
  if (window.matrixLogin && window.matrixLogin.onLogin) window.matrixLogin.onLogin(response);
  else if (window.onLogin) window.onLogin(response);
})();
`;
