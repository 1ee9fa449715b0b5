import { MatrixError } from '../../../../matrix/errors.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { checkPasswordOf } from '../../services/check-password.ts';
import { assertionOptions } from '../../services/passkeys/options.ts';
import { provePasskey } from '../../services/passkeys/passkeys.ts';
import { relyingParty } from '../../services/passkeys/relying-party.ts';
import { readAccount } from '../../storage/d1/accounts.ts';
import { listPasskeys } from '../../storage/d1/passkeys.ts';
import type { Call } from '../endpoint.ts';
import type { BrowserUser } from '../oauth/browser.ts';
import { checkAttempts } from '../rate-limit.ts';
import { isFresh } from './fresh-login.ts';
import type { Proofs } from './proof-forms.ts';

type ProofCall = Pick<Call<unknown, unknown>, 'env' | 'config'>;

/** What the user can be asked for. @param formToken of the form that it is asked in */
export async function proofsOf(
  { env, config }: ProofCall,
  { userId }: BrowserUser,
  formToken: string,
): Promise<Proofs> {
  const db = openD1(env.DB, config.meter);
  const [account, passkeys] = await Promise.all([readAccount(db, userId), listPasskeys(db, userId)]);
  const party = passkeys.length > 0 ? relyingParty(config) : undefined;
  const known = passkeys.map(({ credentialId }) => credentialId);
  const purpose = { ceremony: 'confirm', form: formToken } as const;
  return {
    hasPassword: Boolean(account?.passwordHash),
    passkeyOptions: party && assertionOptions(purpose, party, config, Date.now(), known),
  };
}

/** What is wrong with the proof in a form, if anything. */
export async function proofProblem(
  { env, config }: ProofCall,
  user: BrowserUser,
  form: Record<string, string>,
): Promise<string | undefined> {
  const { userId } = user;
  try {
    checkAttempts(userId, config);
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error;
    return `${error.message}. Please try again later.`;
  }
  const db = openD1(env.DB, config.meter);
  if (form.credential) {
    const ceremony = { db, config, form: form.form_token ?? '', answer: form.credential };
    const proof = await provePasskey(ceremony, 'confirm', Date.now());
    return proof?.userId === userId ? undefined : 'The passkey did not work. Please try again.';
  }
  const proofs = await proofsOf({ env, config }, user, '');
  if (proofs.hasPassword) {
    return (await checkPasswordOf(db, userId, form.password ?? '')) ? undefined : 'Wrong password.';
  }
  const suffices = !proofs.passkeyOptions && isFresh(user, Date.now());
  return suffices ? undefined : 'Please log out of this page, log in again, and come back.';
}
