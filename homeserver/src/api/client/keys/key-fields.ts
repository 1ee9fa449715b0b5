import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import type { KeyValue } from '../../../objects/user-keys-rpc.ts';
import { canonicalJson } from '../../../protocol/canonical-json.ts';
import { authDataSchema } from '../../../services/user-interactive-auth.ts';

/**
 * Shapes of what clients upload for end-to-end encryption. All of it is passed on to others, whose clients
 * and servers break on malformed keys, so it is checked when it comes in.
 */

/** Can be signed: numbers are integers and strings well-formed. */
function isCanonical(value: JsonObject): boolean {
  try {
    return canonicalJson(value).length <= maxSignedLength;
  } catch {
    return false;
  }
}

const maxSignedLength = 65_536;
const signatures = v.record(v.string(), v.record(v.string(), v.string()));

/** An object that carries signatures, with all its members, known or not. */
export const signedObject = v.pipe(
  v.custom<JsonObject>(isJsonObject, 'not an object'),
  v.check((object): boolean => v.is(v.optional(signatures), object.signatures), 'signatures are malformed'),
  v.check(isCanonical, 'not canonical JSON, or over 64 KiB'),
);

const deviceKeysShape = v.looseObject({
  user_id: v.string(),
  device_id: v.string(),
  algorithms: v.optional(v.array(v.string())),
  keys: v.record(v.string(), v.string()),
});

export const deviceKeysField = v.pipe(
  signedObject,
  v.check((object): boolean => v.is(deviceKeysShape, object), 'not device keys'),
);

const crossSigningShape = v.looseObject({
  user_id: v.string(),
  usage: v.array(v.string()),
  keys: v.record(v.string(), v.string()),
});

export const crossSigningField = v.pipe(
  signedObject,
  v.check((object): boolean => v.is(crossSigningShape, object), 'not a cross-signing key'),
);

const keyValue = v.union([
  v.pipe(v.string(), v.maxLength(1024)),
  v.pipe(
    signedObject,
    v.check((object) => typeof object.key === 'string', 'has no key'),
  ),
]);

/** One-time and fallback keys by `<algorithm>:<key id>`. */
export const keysById = v.pipe(
  v.custom<Record<string, KeyValue>>(isJsonObject, 'not an object'),
  v.check(
    (keys) => Object.keys(keys).every((name) => /^[^:]{1,64}:.{1,255}$/.test(name)),
    'names must be <algorithm>:<key id>',
  ),
  v.record(v.string(), keyValue),
);

export const authField = v.optional(authDataSchema);
