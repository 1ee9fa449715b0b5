import type { UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { creationOptions } from '../../services/passkeys/options.ts';
import { relyingParty } from '../../services/passkeys/relying-party.ts';
import { listPasskeys } from '../../storage/d1/passkeys.ts';
import { readProfile } from '../../storage/d1/profiles.ts';
import type { Call } from '../endpoint.ts';
import { formToken } from '../oauth/browser.ts';
import { pageResponse } from '../pages/page-response.ts';
import { passkeyScript } from './passkey-script.ts';
import { passkeysPage } from './passkeys-page.ts';

export async function showPasskeysPage(
  call: Pick<Call<unknown, unknown>, 'request' | 'config' | 'stubs' | 'env'>,
  userId: UserId,
  problem?: string,
): Promise<Response> {
  const { env, config } = call;
  const db = openD1(env.DB, config.meter);
  const passkeys = await listPasskeys(db, userId);
  const { displayname } = await readProfile(db, userId);
  const form = formToken(call);
  const party = relyingParty(config);
  const user = {
    userId,
    displayName: typeof displayname === 'string' ? displayname : userId,
    known: passkeys.map(({ credentialId }) => credentialId),
  };
  const creation = party && creationOptions(user, form.token, party, config, Date.now());
  const page = passkeysPage({ formToken: form.token, passkeys, creation, problem });
  const status = problem === undefined ? 200 : 403;
  return pageResponse(page, status, { cookies: form.cookies, script: passkeyScript });
}
