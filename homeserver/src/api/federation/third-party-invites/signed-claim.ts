import * as v from 'valibot';

const shortText = v.pipe(v.string(), v.maxLength(255));

/** What an identity server signed. Further members stay: the signature covers them. */
export const signedClaim = v.looseObject({
  mxid: shortText,
  token: shortText,
  signatures: v.record(v.string(), v.record(v.string(), v.string())),
});
