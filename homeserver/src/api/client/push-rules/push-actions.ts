import * as v from 'valibot';
import type { JsonObject } from '../../../../../matrix/json.ts';

const maxActions = 20;

/** `notify` and the like, or tweaks; what is unknown is kept. */
export const pushActions = v.pipe(
  v.array(
    v.union([
      v.pipe(v.string(), v.maxLength(255)),
      v.custom<JsonObject>((value) => typeof (value as JsonObject | null)?.set_tweak === 'string'),
    ]),
  ),
  v.maxLength(maxActions),
);
