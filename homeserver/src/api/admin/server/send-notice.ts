import * as v from 'valibot';
import { badJson, invalidParam, notFound } from '../../../../../matrix/errors.ts';
import type { DeviceId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { isLocal } from '../../../services/local-accounts.ts';
import { sendNotice } from '../../../services/server-notices.ts';
import { readAccount } from '../../../storage/d1/accounts.ts';
import { userIdField } from '../../client/room-requests.ts';
import type { Call, Requester } from '../../endpoint.ts';

export const noticeBody = v.object({
  user_id: userIdField,
  content: v.record(v.string(), v.unknown()),
  type: v.optional(v.pipe(v.string(), v.maxLength(255)), 'm.room.message'),
  state_key: v.optional(v.pipe(v.string(), v.maxLength(255))),
});
const maxTxnIdLength = 255;

/** @param txnId a repetition with the same one sends nothing */
export async function notify(
  { body, env, config, stubs }: Call<v.InferOutput<typeof noticeBody>, unknown>,
  requester: Requester,
  txnId?: string,
): Promise<object> {
  const { user_id: userId, content, type, state_key: stateKey } = body;
  if (txnId !== undefined && txnId.length > maxTxnIdLength)
    throw invalidParam('The transaction id is too long');
  if (!isLocal(userId, config)) throw invalidParam('user_id: belongs to another server');
  const db = openD1(env.DB, config.meter);
  const account = await readAccount(db, userId);
  if (!account || account.deactivatedMs !== null) throw notFound('User not found');
  if (type === 'm.room.member') throw badJson('type: is no notice');
  const notice = {
    type,
    content: content as JsonObject,
    ...(stateKey !== undefined && { stateKey }),
    // Of the administrator, whatever the session.
    ...(txnId !== undefined && { transaction: { deviceId: requester.userId as string as DeviceId, txnId } }),
  };
  return { event_id: await sendNotice({ db, env, config, stubs }, userId, notice, Date.now()) };
}
