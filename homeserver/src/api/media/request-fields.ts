import * as v from 'valibot';
import { notFound } from '../../../../matrix/errors.ts';
import type { Config } from '../../config.ts';

/** Query and path members that the media endpoints share. */

/** How long a download waits for an upload that is still to come. */
export const timeoutMs = v.optional(
  v.pipe(v.string(), v.regex(/^\d{1,9}$/, 'not a number of ms'), v.transform(Number)),
  '20000',
);

/** @throws `M_NOT_FOUND` for media of other servers, which this server does not fetch */
export function localMediaId(params: Record<string, string>, config: Config): string {
  if (params.serverName !== config.serverName) throw notFound();
  return params.mediaId ?? '';
}
