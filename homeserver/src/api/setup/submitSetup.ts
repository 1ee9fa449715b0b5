import * as v from 'valibot';
import { MatrixError, userInUse } from '../../../../matrix/errors.ts';
import { openD1 } from '../../../../platform/d1.ts';
import type { Config } from '../../config.ts';
import {
  checkNameIsFree,
  checkPassword,
  registerPerson,
  registrationTokenHash,
  userIdForName,
} from '../../services/register-user.ts';
import { isRegistrationTokenValid } from '../../storage/d1/registration-tokens.ts';
import { endpoint } from '../endpoint.ts';
import { readFormBody } from '../pages/form-body.ts';
import { pageResponse } from '../pages/page-response.ts';
import { donePage, formPage, usedPage } from './setup-page.ts';

const field = v.optional(v.pipe(v.string(), v.maxLength(1024)), '');
const setupForm = v.object({ token: field, username: field, password: field, repeated: field });
type SetupValues = v.InferOutput<typeof setupForm>;

/** Makes the owner's account. The token in the form is what allows it, so no other site can send it. */
export const submitSetup = endpoint({
  operationId: 'submitSetup',
  method: 'POST',
  paths: ['/setup'],
  auth: 'none',
  rateLimit: 'login',
  async handler({ request, env, config }) {
    const parsed = v.safeParse(setupForm, await readFormBody(request));
    if (!parsed.success) return pageResponse(usedPage(), 400);
    const { token, username } = parsed.output;
    const db = openD1(env.DB, config.meter);
    const isValid = await isRegistrationTokenValid(db, registrationTokenHash(token), Date.now());
    if (!isValid) return pageResponse(usedPage(), 403);
    try {
      const userId = await makeAccount(db, config, parsed.output);
      if (userId === undefined) return pageResponse(usedPage(), 403);
      return pageResponse(donePage({ userId, homeserverUrl: config.publicBaseUrl }));
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      const { serverName } = config;
      return pageResponse(formPage({ token, serverName, username, problem: error.message }), error.status);
    }
  },
});

/** @returns nothing if the token has been used meanwhile. @throws MatrixError to be shown in the form */
async function makeAccount(
  db: ReturnType<typeof openD1>,
  config: Config,
  { token, username, password, repeated }: SetupValues,
): Promise<string | undefined> {
  const userId = userIdForName(username.trim(), config);
  await checkNameIsFree(db, config, userId);
  if (password === '') throw new MatrixError(400, 'M_WEAK_PASSWORD', 'Please choose a password');
  checkPassword(password, config);
  if (password !== repeated) throw new MatrixError(400, 'M_BAD_JSON', 'The two passwords differ');
  const grant = { kind: 'token', tokenHash: registrationTokenHash(token) } as const;
  const person = { userId, displayName: username.trim(), password, grant } as const;
  const registered = await registerPerson(db, person, Date.now());
  if (registered.kind === 'created') return userId;
  if (registered.reason === 'name') throw userInUse();
  return undefined;
}
