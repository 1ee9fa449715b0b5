import * as v from 'valibot';
import { mayAssertUser } from '../../../../../appservice/registration.ts';
import { exclusive, forbidden, unknown, unknownToken } from '../../../../../matrix/errors.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import type { Config } from '../../../config.ts';
import { checkPasswordOf } from '../../../services/check-password.ts';
import { existingUsers } from '../../../services/local-accounts.ts';
import { userOfName } from '../../../services/user-of-name.ts';
import { readAccount } from '../../../storage/d1/accounts.ts';
import { bearerToken, registrationOfToken, userOfPageToken } from '../../access-token.ts';
import { endpoint } from '../../endpoint.ts';
import { checkAttempts } from '../../rate-limit.ts';
import { deviceIdField, displayNameField, shortText } from '../request-fields.ts';
import { endSessions } from './end-sessions.ts';
import { openSession } from './open-session.ts';

const loginBody = v.object({
  type: shortText,
  identifier: v.optional(v.looseObject({ type: shortText, user: v.optional(shortText) })),
  /** Former place of `identifier.user`. */
  user: v.optional(shortText),
  password: v.optional(v.string()),
  /** Of `m.login.token`. */
  token: v.optional(v.pipe(v.string(), v.maxLength(1024))),
  device_id: v.optional(deviceIdField),
  initial_device_display_name: v.optional(displayNameField),
  refresh_token: v.optional(v.boolean(), false),
});
type LoginBody = v.InferOutput<typeof loginBody>;

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3login */
export const login = endpoint({
  operationId: 'login',
  method: 'POST',
  paths: ['/_matrix/client/v3/login'],
  auth: 'none',
  rateLimit: 'login',
  body: loginBody,
  async handler(call) {
    const { body, request, env, config, stubs } = call;
    const db = openD1(env.DB, config.meter);
    let userId = userOfBody(body, config);
    /** Whether what let in still does. */
    let isStill = async () => true;
    switch (body.type) {
      case 'm.login.password': {
        if (!config.passwordLogin) throw notOffered();
        if (userId) checkAttempts(userId, config);
        const proof = await checkPasswordOf(db, userId, body.password ?? '');
        if (!userId || !proof) throw wrongCredentials();
        isStill = proof.isStill;
        break;
      }
      case 'm.login.token': {
        if (!config.ssoLogin) throw notOffered();
        userId = userOfPageToken('login', body.token ?? '', config);
        if (!userId || !(await stubs.user(userId).redeemLoginToken(body.token ?? ''))) throw wrongToken();
        const account = await readAccount(db, userId);
        isStill = async () => {
          const { passwordHash, deactivatedMs } = (await readAccount(db, userId as UserId)) ?? {};
          return deactivatedMs === null && passwordHash === account?.passwordHash;
        };
        break;
      }
      case 'm.login.application_service': {
        const registration = registrationOfToken(bearerToken(request), config);
        if (!registration) throw unknownToken();
        if (!userId || !mayAssertUser(registration, userId, config.serverName)) throw exclusive();
        if (!(await existingUsers(db, config, [userId])).has(userId)) throw forbidden('No such user');
        break;
      }
      default:
        throw notOffered();
    }
    const session = await openSession(call, userId, {
      deviceId: body.device_id,
      initialDisplayName: body.initial_device_display_name,
      refreshable: body.refresh_token,
    });
    // All that takes its time. Who was deactivated or got another password meanwhile signed all devices out before
    // this one was there; who does so from here on signs this one out too.
    if (!(await isStill())) {
      await endSessions(stubs, userId, [session.device_id]);
      throw body.type === 'm.login.token' ? wrongToken() : wrongCredentials();
    }
    return { ...session, well_known: { 'm.homeserver': { base_url: config.publicBaseUrl } } };
  },
});

const notOffered = () => unknown('This kind of login is not offered here', 400);
const wrongToken = () => forbidden('This login token is unknown, has been used, or has expired');
const wrongCredentials = () => forbidden('Wrong user name or password');

function userOfBody({ identifier, user }: LoginBody, config: Config): UserId | undefined {
  const name = identifier ? identifier.type === 'm.id.user' && identifier.user : user;
  return name ? userOfName(name, config) : undefined;
}
