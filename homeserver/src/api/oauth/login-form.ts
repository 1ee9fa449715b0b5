import { assertionOptions } from '../../services/passkeys/options.ts';
import { relyingParty } from '../../services/passkeys/relying-party.ts';
import type { Call } from '../endpoint.ts';
import { pageResponse } from '../pages/page-response.ts';
import { passkeyScript } from '../passkeys/passkey-script.ts';
import { formToken } from './browser.ts';
import { loginPage } from './login-page.ts';

type PageCall = Pick<Call<unknown, unknown>, 'request' | 'config' | 'stubs'>;

/** @param next path of our own that the login leads on to */
export function showLoginForm(
  call: PageCall,
  next: string,
  username: string,
  status = 200,
  problem?: string,
): Response {
  const { config } = call;
  const form = formToken(call);
  const party = relyingParty(config);
  const purpose = { ceremony: 'log in', form: form.token } as const;
  const page = loginPage({
    serverName: config.serverName,
    formToken: form.token,
    next,
    username,
    passkeyOptions: party && assertionOptions(purpose, party, config, Date.now()),
    provider: config.upstream?.name,
    problem,
  });
  return pageResponse(page, status, { cookies: form.cookies, script: passkeyScript });
}
