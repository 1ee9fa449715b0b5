import * as v from 'valibot';
import {
  badJson,
  forbidden,
  invalidParam,
  keyTooLarge,
  type MatrixError,
  missingParam,
  notFound,
} from '../../../../../matrix/errors.ts';
import { parseUserId, type UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject, JsonValue } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { askProfile } from '../../../federation/outbound/ask-profile.ts';
import { existingUsers, isLocal } from '../../../services/local-accounts.ts';
import { type Profile, readProfile } from '../../../storage/d1/profiles.ts';
import type { Call, Requester } from '../../endpoint.ts';

const maxNameBytes = 255;
/** Appendices, "Common Namespaced Identifier Grammar", which custom fields follow. */
const customNamePattern = /^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$/;

/** @throws `M_KEY_TOO_LARGE`, `M_INVALID_PARAM` */
export function fieldName(text: string): string {
  if (Buffer.byteLength(text) > maxNameBytes) throw keyTooLarge();
  if (text !== 'displayname' && text !== 'avatar_url' && !customNamePattern.test(text)) {
    throw invalidParam('Not a profile field');
  }
  return text;
}

/**
 * The value that a body `{<name>: …}` sets; `undefined` where it unsets: an empty name or picture is none.
 * @throws `M_MISSING_PARAM`, `M_BAD_JSON`
 */
export function fieldValue(name: string, body: JsonObject): JsonValue | undefined {
  if (!Object.hasOwn(body, name)) throw missingParam(`${name} is missing`);
  const value = body[name];
  if (name !== 'displayname' && name !== 'avatar_url') return value;
  if (value === null || value === '') return undefined;
  if (typeof value !== 'string') throw badJson(`${name} must be a string`);
  if (name === 'displayname' && value.length > 256)
    throw invalidParam('A display name has at most 256 characters');
  return value;
}

/** @throws `M_FORBIDDEN` unless the profile is the requester's own */
export function ownProfile(params: Record<string, string>, requester: Requester): UserId {
  if (params.userId !== requester.userId) throw forbidden('This is not your profile');
  return requester.userId;
}

/**
 * Of a user of another server: as that server tells it.
 * @throws `M_NOT_FOUND`
 */
export async function profileOf(
  params: Record<string, string>,
  { env, config }: Pick<Call<unknown, unknown>, 'env' | 'config'>,
): Promise<Profile> {
  const userId = parseUserId(params.userId ?? '');
  if (!userId) throw invalidParam('Not a user id');
  if (!isLocal(userId, config)) {
    const told = await askProfile(env, userId);
    if (!told) throw unknownProfile();
    return told;
  }
  const db = openD1(env.DB, config.meter);
  const profile = await readProfile(db, userId);
  const exists = Object.keys(profile).length > 0 || (await existingUsers(db, config, [userId])).has(userId);
  if (!exists) throw unknownProfile();
  return profile;
}

export const profileBody = v.record(
  v.string(),
  v.custom<JsonValue>((value) => value !== undefined),
);

const unknownProfile = (): MatrixError => notFound('Profile not found');
