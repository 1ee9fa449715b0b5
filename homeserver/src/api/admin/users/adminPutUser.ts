import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { invalidParam, unknown, userInUse } from '../../../../../matrix/errors.ts';
import { localpartOf, parseMxcUri, type UserId } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { isLocal } from '../../../services/local-accounts.ts';
import { checkPassword, isReserved, registerPerson, userIdForName } from '../../../services/register-user.ts';
import { createAccount, readAccount } from '../../../storage/d1/accounts.ts';
import { readUser } from '../../../storage/d1/user-list.ts';
import { displayNameField } from '../../client/request-fields.ts';
import { userIdParam } from '../../client/room-requests.ts';
import { type Call, endpoint } from '../../endpoint.ts';
import { changeUser } from './change-user.ts';
import { externalIdsOf } from './external-ids.ts';
import { userDetails } from './user-format.ts';

/** Consoles send a user back whole: what is not named here is passed over. */
const none = v.optional(v.nullable(v.pipe(v.array(v.unknown()), v.maxLength(0, 'not supported here'))));

const userBody = v.object({
  password: v.optional(v.nullable(v.string())),
  logout_devices: v.optional(v.boolean(), true),
  displayname: v.optional(v.nullable(displayNameField)),
  avatar_url: v.optional(
    v.nullable(
      v.pipe(
        v.string(),
        v.check((text) => text === '' || parseMxcUri(text) !== undefined, 'not an mxc URI'),
      ),
    ),
  ),
  admin: v.optional(v.nullable(v.boolean())),
  deactivated: v.optional(v.nullable(v.boolean())),
  erase: v.optional(v.boolean(), false),
  locked: v.optional(v.nullable(v.boolean())),
  threepids: none,
  external_ids: v.optional(
    v.nullable(v.array(v.object({ auth_provider: v.string(), external_id: v.string() }))),
  ),
});

type Body = v.InferOutput<typeof userBody>;

/**
 * Makes an account (201) or changes one (200).
 * https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#create-or-modify-account
 */
export const adminPutUser = endpoint({
  operationId: 'adminPutUser',
  method: 'PUT',
  paths: ['/_synapse/admin/v2/users/{userId}'],
  auth: 'administrator',
  rateLimit: 'default',
  body: userBody,
  async handler(call, requester) {
    const { body, params, env, config } = call;
    const userId = userIdParam(params.userId);
    if (!isLocal(userId, config)) throw invalidParam('This user belongs to another server');
    const db = openD1(env.DB, config.meter);
    const externalIds = await externalIdsOf(db, userId, config);
    const wanted = body.external_ids ?? externalIds;
    // Users link their accounts themselves; consoles send back what they have read.
    if (!isDeepStrictEqual(wanted, externalIds)) throw invalidParam('external_ids: not supported here');
    const known = await readAccount(db, userId);
    if (!known) await makeUser(call, userId);
    const account = known ?? (await readAccount(db, userId));
    if (!account) throw unknown();
    await changeUser(
      call,
      requester,
      { ...account, userId },
      {
        password: known ? (body.password ?? undefined) : undefined,
        logoutDevices: body.logout_devices,
        displayName: body.displayname ?? undefined,
        avatarUrl: body.avatar_url ?? undefined,
        isAdmin: body.admin ?? undefined,
        isDeactivated: body.deactivated ?? undefined,
        erase: body.erase,
        locked: body.locked ?? undefined,
      },
    );
    const user = await readUser(db, userId);
    if (!user) throw unknown();
    return Response.json(userDetails(user, externalIds), { status: known ? 200 : 201 });
  },
});

/** Without a password nobody can log in until one is set. */
async function makeUser({ body, env, config }: Call<Body, unknown>, userId: UserId): Promise<void> {
  const localpart = localpartOf(userId);
  if (userIdForName(localpart, config) !== userId) throw invalidParam('New user ids have small letters only');
  if (isReserved(userId, config)) throw invalidParam('Reserved by an application service');
  const db = openD1(env.DB, config.meter);
  const displayName = body.displayname || localpart;
  const { password } = body;
  if (password) {
    checkPassword(password, config);
    const grant = { kind: 'secret', isAdmin: false } as const;
    const made = await registerPerson(db, { userId, displayName, password, grant }, Date.now());
    if (made.kind === 'refused') throw userInUse();
  } else if (!(await createAccount(db, { userId, displayName }, Date.now()))) throw userInUse();
}
