import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { makeTokens } from '../../client/login/open-session.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser, refuseOneself, timeField } from '../admin-fields.ts';

/**
 * A session of another user. It is a device of theirs, whose name tells them about it.
 * https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#login-as-a-user
 */
export const adminLoginAsUser = endpoint({
  operationId: 'adminLoginAsUser',
  method: 'POST',
  paths: ['/_synapse/admin/v1/users/{userId}/login'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ valid_until_ms: v.optional(v.nullable(timeField)) }),
  async handler(call, requester) {
    const { userId, deactivatedMs } = await localUser(call);
    refuseOneself(requester, userId, 'log in as');
    if (deactivatedMs !== null) throw invalidParam('The account is deactivated');
    const { valid_until_ms: endMs } = call.body;
    const expiresInMs = endMs == null ? undefined : endMs - Date.now();
    if (expiresInMs !== undefined && expiresInMs <= 0) throw invalidParam('valid_until_ms: is past');
    const { accessToken } = makeTokens(userId, call.config);
    await call.stubs.user(userId).createSession({
      accessToken,
      initialDisplayName: `Administrator ${requester.userId}`,
      ...(expiresInMs !== undefined && { expiresInMs }),
    });
    return { access_token: accessToken };
  },
});
