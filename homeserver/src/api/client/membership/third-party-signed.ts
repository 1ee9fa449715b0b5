import * as v from 'valibot';
import { shortText } from '../request-fields.ts';

/** Further members stay: the signature covers them. */
export const thirdPartySigned = v.looseObject({
  sender: shortText,
  mxid: shortText,
  token: shortText,
  signatures: v.record(v.string(), v.record(v.string(), v.string())),
});
