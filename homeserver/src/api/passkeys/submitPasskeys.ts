import { openD1 } from '../../../../platform/d1.ts';
import { enrolPasskey } from '../../services/passkeys/passkeys.ts';
import { renamePasskey } from '../../storage/d1/passkeys.ts';
import { removePasskey } from '../../storage/d1/ways-in.ts';
import { freshUser } from '../account/fresh-login.ts';
import { endpoint } from '../endpoint.ts';
import { isOwnForm } from '../oauth/browser.ts';
import { readFormBody } from '../pages/form-body.ts';
import { staleForm } from '../pages/notices.ts';
import { seeOther } from '../pages/page-response.ts';
import { showPasskeysPage } from './show-passkeys-page.ts';

const onlyWayIn = 'It is your only way in: please set a password or add another passkey first.';

/** Adds, renames or removes a passkey of the user. */
export const submitPasskeys = endpoint({
  operationId: 'submitPasskeys',
  method: 'POST',
  paths: ['/account/passkeys'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const { env, config } = call;
    const form = await readFormBody(call.request);
    const user = await freshUser(call, '/account/passkeys');
    if (user instanceof Response) return user;
    const { form_token: token = '', credential_id: credentialId = '' } = form;
    if (!isOwnForm(call, token)) return staleForm();
    const db = openD1(env.DB, config.meter);
    const { userId } = user;
    const name = (form.name ?? '').trim().slice(0, 60) || 'Passkey';
    if (form.action === 'rename') await renamePasskey(db, userId, credentialId, name);
    if (form.action === 'remove') {
      const removal = await removePasskey(db, userId, credentialId, config.upstream?.issuer);
      if (removal === 'last') return showPasskeysPage(call, userId, onlyWayIn);
    }
    if (form.action === 'add') {
      const answer = form.credential ?? '';
      const isKept = await enrolPasskey({ db, config, form: token, answer }, userId, name, Date.now());
      if (!isKept) return showPasskeysPage(call, userId, 'The passkey could not be added. Please try again.');
    }
    return seeOther('/account/passkeys');
  },
});
