import * as v from 'valibot';
import { notFound } from '../../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { RegistrationToken } from '../../../storage/d1/registration-tokens.ts';
import { timeField } from '../admin-fields.ts';

/** A token is used up in one step, so that none is ever pending. */
export function tokenDetails({ token, row }: { token: string; row: RegistrationToken }): JsonObject {
  return {
    token,
    uses_allowed: row.usesAllowed,
    pending: 0,
    completed: row.completed,
    expiry_time: row.expiresMs,
  };
}

export const usesField = v.optional(v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0))));

/** Epoch ms, in the future. */
export const expiryField = v.optional(
  v.nullable(
    v.pipe(
      timeField,
      v.check((time) => time > Date.now(), 'is past'),
    ),
  ),
);

/** The specification's form of a token. */
export const tokenField = v.pipe(v.string(), v.regex(/^[A-Za-z0-9._~-]{1,64}$/, 'not a registration token'));

export const tokenNotFound = () => notFound('No such registration token');
