import assert from 'node:assert/strict';
import type { Roost } from '../../test/harness/roost.ts';
import type { VirtualAuthenticator } from './authenticator.ts';
import type { Visitor } from './visitor.ts';

const password = 'a long password';

/** All that people do on the pages. @param url as browsers have it: passkeys need a host name */
export async function walk(
  visitor: Visitor,
  device: VirtualAuthenticator,
  roost: Roost,
  url: string,
): Promise<void> {
  const { page } = visitor;
  const go = (path: string) => page.goto(url + path);
  const textOf = (selector: string) =>
    page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).textContent`);
  await device.setPresent(false);

  await visitor.step('an invitation link leads to a new account', async () => {
    await go(`/register?token=${await invitation(roost)}`);
    await visitor.sees('Make an account');
  });
  await visitor.step('the account is made', async () => {
    const passwords = { Password: password, 'Password, once more': password };
    await visitor.fill({ 'User name': 'Olive', ...passwords }, 'Make my account');
    await visitor.sees('Your account');
  });
  await visitor.step('there are no passkeys yet', async () => {
    await visitor.follow('Passkeys');
    await visitor.sees('Passkeys');
  });
  await visitor.step('a device that does not know its owner adds no passkey', async () => {
    await device.setPresent(true);
    await device.setVerified(false);
    await visitor.press('Add a passkey');
    await page.getByText('The passkey was not used.').waitFor();
    assert.equal((await device.credentials()).length, 0);
    await device.setVerified(true);
  });
  await visitor.step('a passkey is added', async () => {
    await visitor.fill({ Name: 'My phone' }, 'Add a passkey');
    await page.getByText('My phone').first().waitFor();
    const [credential] = await device.credentials();
    assert.deepEqual([credential?.isResidentCredential, credential?.rpId], [true, 'localhost']);
    await device.setPresent(false);
  });
  await visitor.step('recovery codes are made', async () => {
    await go('/account/recovery-codes');
    await visitor.press('Make new codes');
    await visitor.sees('Your recovery codes');
  });
  const code = await textOf('.codes code');
  await visitor.step('the way out', async () => {
    await go('/account');
    await visitor.press('Log out of this page');
    await visitor.sees('You are logged out');
  });
  await visitor.step('the login page', async () => {
    await go('/account');
    await visitor.sees('Log in');
    await page.getByRole('button', { name: 'Log in with a passkey' }).waitFor();
  });
  await visitor.step('a passkey lets in', async () => {
    await device.setPresent(true);
    if (page.url().includes('/oauth2/login')) await visitor.press('Log in with a passkey');
    await visitor.sees('Your account');
    await page.getByText('@olive:localhost').waitFor();
    await device.setPresent(false);
  });
  await visitor.step('a wrong password does not', async () => {
    await go('/oauth2/login');
    await visitor.fill({ 'User name': 'olive', Password: 'wrong' }, 'Log in');
    await page.getByText('Wrong user name or password.').waitFor();
  });
  await visitor.step('a recovery code does', async () => {
    await visitor.follow('Use a recovery code');
    await visitor.fill({ 'User name': 'olive', 'Recovery code': code }, 'Log in');
    await visitor.sees('Your account');
  });
  await visitor.step('a new password', async () => {
    await visitor.follow('Password');
    await visitor.sees('New password');
  });
  await visitor.step('an owner invites', async () => {
    await go('/account/invitations');
    await visitor.press('Make a link');
    await visitor.sees('Your invitation');
  });

  const token = await openDevice(roost, 'olive');
  await visitor.step('devices', async () => {
    await go('/account');
    await page.getByText('Olive’s laptop').waitFor();
  });
  await visitor.step('a device is signed out', async () => {
    await visitor.follow('Sign out Olive’s laptop');
    await visitor.sees('Sign this device out?');
  });
  await visitor.step('and has gone', async () => {
    await visitor.press('Sign out');
    await visitor.sees('Your account');
    assert.equal(await page.getByText('Olive’s laptop').count(), 0);
    assert.equal((await asDevice(roost, token)).status, 401);
  });
  await visitor.step('an app asks to be let in', async () => {
    await page.goto(await authorizationUrl(roost, url));
    await visitor.sees('Let Example in?');
  });
  await visitor.step('an older app asks to be let in', async () => {
    await go(`/_matrix/client/v3/login/sso/redirect?${new URLSearchParams({ redirectUrl: `${url}/x` })}`);
    await visitor.sees('Let an app in?');
  });
  await visitor.step('an app without a browser', async () => {
    await go('/_matrix/static/client/login/?device_id=PHONE');
    await visitor.sees('Log in');
  });
  await visitor.step('is logged in', async () => {
    await visitor.follow('Go on');
    await visitor.press('Go on');
    await page.getByText('You are logged in.').waitFor();
  });
  await visitor.step('interactive authentication', async () => {
    await go('/_matrix/client/v3/auth/m.login.sso/fallback/web?session=x');
    await visitor.sees('Confirm that it is you');
  });
  await visitor.step('is done', async () => {
    await visitor.press('It is me');
    await visitor.sees('Thank you');
  });
  await visitor.step('a device without a browser', async () => {
    await go('/link');
    await visitor.sees('Link a device');
  });
  await visitor.step('the identity is to be reset', async () => {
    await go('/account?action=org.matrix.cross_signing_reset');
    await visitor.sees('Reset your digital identity?');
  });
  await visitor.step('which a passkey allows', async () => {
    await device.setPresent(true);
    await visitor.press('Allow the reset, by passkey');
    await visitor.sees('The reset is allowed');
  });
  await visitor.step('a passkey is removed', async () => {
    await go('/account/passkeys');
    await visitor.press('Remove My phone');
    await page.getByText('You have none yet.').waitFor();
  });
  await visitor.step('the account is to end', async () => {
    await go('/account?action=org.matrix.account_deactivate');
    await visitor.sees('Deactivate your account?');
  });
  await visitor.step('and has ended', async () => {
    await visitor.fill({ 'Your password': password }, 'Deactivate for ever');
    await visitor.sees('Your account is deactivated');
  });
}

/** The same without JavaScript: all but passkeys. */
export async function walkWithoutScripts(visitor: Visitor, roost: Roost, url: string): Promise<void> {
  await visitor.step('without JavaScript, an account is made', async () => {
    await visitor.page.goto(`${url}/register?token=${await invitation(roost)}`);
    const passwords = { Password: password, 'Password, once more': password };
    await visitor.fill({ 'User name': 'mallory', ...passwords }, 'Make my account');
    await visitor.sees('Your account');
  });
  await visitor.step('and logged in to, and no passkey is offered', async () => {
    await visitor.page.goto(`${url}/oauth2/login`);
    const offered = visitor.page.getByRole('button', { name: 'Log in with a passkey' });
    assert.equal(await offered.count(), 0);
    await visitor.fill({ 'User name': 'mallory', Password: password }, 'Log in');
    await visitor.sees('Your account');
  });
}

async function invitation(roost: Roost): Promise<string> {
  const answer = await fetch(`${roost.url}/_roost/admin/v1/registration_tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${roost.identity().adminToken}` },
    body: JSON.stringify({ uses: 1, admin: true }),
  });
  return ((await answer.json()) as { token: string }).token;
}

async function openDevice(roost: Roost, user: string): Promise<string> {
  const answer = await fetch(`${roost.url}/_matrix/client/v3/login`, {
    method: 'POST',
    body: JSON.stringify({
      type: 'm.login.password',
      user,
      password,
      initial_device_display_name: 'Olive’s laptop',
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

function asDevice(roost: Roost, token: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return fetch(`${roost.url}/_matrix/client/v3/account/whoami`, { headers });
}

/** What an app that has just registered itself sends a browser to. */
async function authorizationUrl(roost: Roost, url: string): Promise<string> {
  const answer = await fetch(`${roost.url}/oauth2/registration`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      application_type: 'web',
      client_name: 'Example',
      client_uri: 'https://example.org/',
      redirect_uris: ['https://example.org/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }),
  });
  const { client_id: clientId } = (await answer.json()) as { client_id: string };
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: 'https://example.org/callback',
    response_type: 'code',
    scope: 'urn:matrix:client:api:* urn:matrix:client:device:EXAMPLE1234',
    code_challenge: 'A'.repeat(43),
    code_challenge_method: 'S256',
  });
  return `${url}/oauth2/authorize?${query}`;
}
