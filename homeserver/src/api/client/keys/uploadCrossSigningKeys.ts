import * as v from 'valibot';
import { fromDenial } from '../../../../../matrix/errors.ts';
import type { CrossSigningUpload } from '../../../objects/user-keys-rpc.ts';
import { endpoint } from '../../endpoint.ts';
import { requireResetApproval } from '../interactive-auth.ts';
import { authField, crossSigningField } from './key-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysdevice_signingupload */
export const uploadCrossSigningKeys = endpoint({
  operationId: 'uploadCrossSigningKeys',
  method: 'POST',
  paths: [
    '/_matrix/client/v3/keys/device_signing/upload',
    '/_matrix/client/unstable/keys/device_signing/upload',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    auth: authField,
    master_key: v.optional(crossSigningField),
    self_signing_key: v.optional(crossSigningField),
    user_signing_key: v.optional(crossSigningField),
  }),
  async handler(call, requester) {
    const { body, stubs } = call;
    const keys = stubs.userKeys(requester.userId);
    const upload: CrossSigningUpload = {
      ...(body.master_key && { masterKey: body.master_key }),
      ...(body.self_signing_key && { selfSigningKey: body.self_signing_key }),
      ...(body.user_signing_key && { userSigningKey: body.user_signing_key }),
    };
    const first = await keys.uploadCrossSigning(upload, false);
    if (first.kind === 'denied') throw fromDenial(first);
    if (first.kind === 'done') return {};
    await requireResetApproval(call, requester, 'uploadCrossSigningKeys');
    const second = await keys.uploadCrossSigning(upload, true);
    if (second.kind === 'denied') throw fromDenial(second);
    return {};
  },
});
