import * as v from 'valibot';

/** Characters, so that a report fits into a row and onto a screen. */
export const reasonText = v.pipe(v.string(), v.maxLength(2000));
