import * as v from 'valibot';
import { mayAssertUser, ownsUser } from '../../../../../appservice/registration.ts';
import { exclusive, forbidden, missingParam, unknownToken, userInUse } from '../../../../../matrix/errors.ts';
import { localpartOf, type UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import {
  checkNameIsFree,
  checkPassword,
  registerPerson,
  userIdForName,
} from '../../../services/register-user.ts';
import { authDataSchema } from '../../../services/user-interactive-auth.ts';
import { createAccount } from '../../../storage/d1/accounts.ts';
import { bearerToken, registrationOfToken } from '../../access-token.ts';
import { type Call, endpoint } from '../../endpoint.ts';
import { openSession } from '../login/open-session.ts';
import { deviceIdField, displayNameField, shortText } from '../request-fields.ts';
import { requireRegistrationGrant } from './registration-grant.ts';

const registerBody = v.object({
  auth: v.optional(authDataSchema),
  type: v.optional(shortText),
  username: v.optional(shortText),
  password: v.optional(v.string()),
  device_id: v.optional(deviceIdField),
  initial_device_display_name: v.optional(displayNameField),
  inhibit_login: v.optional(v.boolean(), false),
  refresh_token: v.optional(v.boolean(), false),
});
type RegisterCall = Call<v.InferOutput<typeof registerBody>, Record<string, string>>;

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3register */
export const register = endpoint({
  operationId: 'register',
  method: 'POST',
  paths: ['/_matrix/client/v3/register'],
  auth: 'none',
  rateLimit: 'login',
  body: registerBody,
  async handler(call) {
    if ((call.query.kind ?? 'user') !== 'user') throw forbidden('Guests are not allowed here');
    const isAppservice = call.body.type === 'm.login.application_service';
    const userId = isAppservice ? await registerGhost(call) : await registerByInvitation(call);
    return answer(call, userId);
  },
});

async function registerGhost({ body, request, env, config }: RegisterCall): Promise<UserId> {
  const registration = registrationOfToken(bearerToken(request), config);
  if (!registration) throw unknownToken();
  const userId = userIdForName(body.username, config);
  if (!mayAssertUser(registration, userId, config.serverName)) throw exclusive();
  // A name that the service shares with others is a person's, who is to have devices.
  const isGhost = ownsUser(registration, userId, config.serverName);
  const db = openD1(env.DB, config.meter);
  const created = await createAccount(
    db,
    { userId, ...(isGhost && { appserviceId: registration.id }) },
    Date.now(),
  );
  if (!created) throw userInUse();
  return userId;
}

async function registerByInvitation(call: RegisterCall): Promise<UserId> {
  const { body, env, config } = call;
  if (!config.passwordLogin) throw forbidden('Accounts are made in the browser here');
  const db = openD1(env.DB, config.meter);
  const userId = userIdForName(body.username, config);
  await checkNameIsFree(db, config, userId);
  if (body.password !== undefined) checkPassword(body.password, config);
  const grant = await requireRegistrationGrant(call, db);
  if (body.password === undefined) throw missingParam('password is missing');
  const displayName = body.username ?? localpartOf(userId);
  const person = { userId, displayName, password: body.password, grant };
  const registered = await registerPerson(db, person, Date.now());
  if (registered.kind === 'refused') {
    throw registered.reason === 'name' ? userInUse() : forbidden('The registration token is not valid');
  }
  return userId;
}

async function answer(call: RegisterCall, userId: UserId): Promise<JsonObject> {
  const { body } = call;
  if (body.inhibit_login) return { user_id: userId };
  return openSession(call, userId, {
    deviceId: body.device_id,
    initialDisplayName: body.initial_device_display_name,
    refreshable: body.refresh_token,
  });
}
