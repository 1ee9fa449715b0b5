import * as v from 'valibot';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import type { SignatureFailures, SignedObjects } from '../../../objects/user-keys-rpc.ts';
import { endpoint } from '../../endpoint.ts';
import { signedObject } from './key-fields.ts';
import { sortUserIds } from './user-ids.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keyssignaturesupload */
export const uploadCrossSigningSignatures = endpoint({
  operationId: 'uploadCrossSigningSignatures',
  method: 'POST',
  paths: ['/_matrix/client/v3/keys/signatures/upload', '/_matrix/client/unstable/keys/signatures/upload'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.record(v.string(), v.record(v.string(), signedObject)),
  async handler(call, { userId }) {
    const { body, stubs } = call;
    const { local, elsewhere } = await sortUserIds(Object.keys(body), call);
    // Of others elsewhere nothing is kept.
    const met = await stubs.user(userId).sharedSince([...elsewhere.values()].flat());
    const others = [...local.filter((target) => target !== userId), ...(Object.keys(met) as UserId[])];
    const failures: Record<string, SignatureFailures> = {};
    for (const name of Object.keys(body)) failures[name] = allUnknown(body[name] ?? {});
    if (body[userId]) failures[userId] = await stubs.userKeys(userId).addOwnSignatures(body[userId]);
    if (others.length > 0) Object.assign(failures, await signOthers(stubs, userId, others, body));
    return {
      failures: Object.fromEntries(Object.entries(failures).filter(([, own]) => Object.keys(own).length > 0)),
    };
  },
});

/** The signer's own devices learn of a signature by the signed user's device list. */
async function signOthers(
  stubs: Stubs,
  signer: UserId,
  targets: readonly UserId[],
  body: Record<string, SignedObjects>,
): Promise<Record<string, SignatureFailures>> {
  const { userSigningKey } = await stubs.userKeys(signer).query([], signer);
  const results = await mapConcurrently(targets, 20, async (target) => {
    const objects = body[target] ?? {};
    return [
      target,
      await stubs.userKeys(target).addForeignSignatures(signer, userSigningKey, objects),
    ] as const;
  });
  await stubs.user(signer).markDeviceLists([...targets], []);
  return Object.fromEntries(results);
}

function allUnknown(objects: SignedObjects): SignatureFailures {
  const failure = { errcode: 'M_NOT_FOUND', error: 'Unknown user, device or key' };
  return Object.fromEntries(Object.keys(objects).map((target) => [target, failure]));
}
