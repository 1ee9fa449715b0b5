import * as v from 'valibot';
import {
  type Denial,
  fromDenial,
  invalidParam,
  missingParam,
  wrongRoomKeysVersion,
} from '../../../../../matrix/errors.ts';
import { parseRoomId, type RoomId } from '../../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import type {
  BackedUpSession,
  BackupChanged,
  BackupVersion,
  WrongBackupVersion,
} from '../../../objects/user-keys-rpc.ts';

/** Shapes and answers that the endpoints of the key backup have in common. */

const maxSessionBytes = 65_536;
const maxAuthDataBytes = 65_536;

const within = (maxBytes: number) =>
  v.check((object: JsonObject) => JSON.stringify(object).length <= maxBytes, `over ${maxBytes} bytes`);
const object = v.custom<JsonObject>(isJsonObject, 'not an object');
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

/** `KeyBackupData`; members unknown to the specification are dropped. */
export const sessionField: v.GenericSchema<unknown, BackedUpSession> = v.object({
  first_message_index: count,
  forwarded_count: count,
  is_verified: v.boolean(),
  session_data: v.pipe(object, within(maxSessionBytes)),
});

export const sessionsField = v.record(v.string(), sessionField);

export const algorithmField = v.pipe(v.string(), v.minLength(1), v.maxLength(255));
export const authDataField = v.pipe(object, within(maxAuthDataBytes));

/** `?version=`, which the sub-paths of `/room_keys/keys` need. */
export const versionQuery = v.object({ version: v.optional(v.pipe(v.string(), v.maxLength(255))) });

/** @throws `M_MISSING_PARAM` */
export function requiredVersion({ version }: { version?: string | undefined }): string {
  if (version === undefined) throw missingParam('version is missing');
  return version;
}

/** @throws `M_INVALID_PARAM` */
export function roomOf(params: Record<string, string>): RoomId {
  const roomId = parseRoomId(params.roomId ?? '');
  if (!roomId) throw invalidParam('Not a room id');
  return roomId;
}

/** @throws what the refusal says */
export function versionAnswer(result: BackupVersion | Denial): JsonObject {
  if (result.kind === 'denied') throw fromDenial(result);
  return {
    version: result.version,
    algorithm: result.algorithm,
    auth_data: result.authData,
    count: result.count,
    etag: result.etag,
  };
}

/** @throws `M_WRONG_ROOM_KEYS_VERSION` with the current version, or what the refusal says */
export function changeAnswer(result: BackupChanged | WrongBackupVersion | Denial): JsonObject {
  if (result.kind === 'denied') throw fromDenial(result);
  if (result.kind === 'wrong_version') throw wrongRoomKeysVersion(result.currentVersion);
  return { count: result.count, etag: result.etag };
}
