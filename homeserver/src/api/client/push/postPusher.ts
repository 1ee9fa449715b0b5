import * as v from 'valibot';
import { invalidParam, missingParam, tooLarge } from '../../../../../matrix/errors.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { isGatewayUrl } from '../../../services/push-gateway.ts';
import { addPushkey, otherUsersOfPushkey, removePushkey } from '../../../storage/d1/pushkeys.ts';
import { endpoint } from '../../endpoint.ts';
import { granted } from '../room-requests.ts';

/** It is sent along with every notification. */
const maxDataChars = 16 * 1024;

const name = v.optional(v.pipe(v.string(), v.maxLength(512)));

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3pushersset */
export const postPusher = endpoint({
  operationId: 'postPusher',
  method: 'POST',
  paths: ['/_matrix/client/v3/pushers/set'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    app_id: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
    pushkey: v.optional(v.pipe(v.string(), v.minLength(1), v.maxBytes(512))),
    kind: v.optional(v.nullable(v.string())),
    app_display_name: name,
    device_display_name: name,
    profile_tag: v.nullish(v.pipe(v.string(), v.maxLength(32))),
    lang: name,
    data: v.optional(v.custom<JsonObject>(isJsonObject, 'must be an object')),
    append: v.optional(v.boolean(), false),
    'org.matrix.msc3881.enabled': v.optional(v.boolean(), true),
  }),
  async handler({ body, stubs, env, config }, { userId, deviceId }) {
    const { app_id: appId, pushkey, kind, append, profile_tag: profileTag } = body;
    if (kind === undefined || appId === undefined || pushkey === undefined) {
      throw missingParam('kind, app_id and pushkey are needed');
    }
    const db = openD1(env.DB, config.meter);
    if (kind === null) {
      await stubs.user(userId).deletePusher(appId, pushkey);
      await removePushkey(db, appId, pushkey, userId);
      return {};
    }
    const { app_display_name, device_display_name, lang, data } = body;
    const required = { app_display_name, device_display_name, lang, data };
    const missing = Object.entries(required).filter(([, value]) => value === undefined);
    if (missing.length > 0)
      throw missingParam(`Missing parameters: ${missing.map(([key]) => key).join(', ')}`);
    if (kind !== 'http') throw invalidParam('Only pushers of the kind http are known');
    if (data?.url === undefined) throw missingParam('Missing parameters: data.url');
    if (typeof data.url !== 'string' || !isGatewayUrl(data.url, config)) {
      throw invalidParam('data.url must be a public https URL with the path /_matrix/push/v1/notify');
    }
    if (JSON.stringify(data).length > maxDataChars) throw tooLarge('data is too large');
    const others = append ? [] : await otherUsersOfPushkey(db, appId, pushkey, userId);
    for (const other of others) {
      await stubs.user(other as UserId).deletePusher(appId, pushkey);
      await removePushkey(db, appId, pushkey, other);
    }
    await addPushkey(db, appId, pushkey, userId);
    const details = {
      ...(required as JsonObject),
      'org.matrix.msc3881.enabled': body['org.matrix.msc3881.enabled'],
      ...(profileTag != null && { profile_tag: profileTag }),
    };
    granted(await stubs.user(userId).setPusher({ appId, pushkey, deviceId, details }));
    return {};
  },
});
