import * as v from 'valibot';
import { limits } from '../../../../../matrix/limits.ts';
import { jsonObject } from '../room-requests.ts';

/** A RoomEventFilter in a query. Members of the wrong type are as if absent, as in stored filters. */
export const filterField = v.pipe(
  v.string(),
  v.maxLength(limits.maxFilterBytes),
  v.parseJson(undefined, 'not JSON'),
  jsonObject,
);
