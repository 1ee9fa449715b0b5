import type { UserId } from '../../../../../matrix/identifiers.ts';
import type { openD1 } from '../../../../../platform/d1.ts';
import type { Config } from '../../../config.ts';
import { readIdentity } from '../../../storage/d1/external-identities.ts';

/** The one provider that accounts can be linked with, by the name that `GET /login` has for it. */
export const externalProvider = 'upstream';

export interface ExternalId {
  auth_provider: string;
  external_id: string;
}

export async function externalIdsOf(
  db: ReturnType<typeof openD1>,
  userId: UserId,
  { upstream }: Config,
): Promise<ExternalId[]> {
  const subject = upstream && (await readIdentity(db, userId, upstream.issuer));
  return subject === undefined ? [] : [{ auth_provider: externalProvider, external_id: subject }];
}
