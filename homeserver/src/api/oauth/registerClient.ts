import { MatrixError } from '../../../../matrix/errors.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { identifyClient, parseClientMetadata } from '../../services/oauth/client-metadata.ts';
import { OauthError } from '../../services/oauth/oauth-error.ts';
import { registerClient as storeClient } from '../../storage/d1/oauth-clients.ts';
import { endpoint } from '../endpoint.ts';
import { readJsonBody } from '../json-body.ts';

const maxMetadataBytes = 16 * 1024;

/** https://spec.matrix.org/v1.16/client-server-api/#client-registration (RFC 7591). Clients do it at each login. */
export const registerClient = endpoint({
  operationId: 'registerClient',
  method: 'POST',
  paths: ['/oauth2/registration'],
  auth: 'none',
  rateLimit: 'login',
  async handler({ request, env, config }) {
    const metadata = parseClientMetadata(await readMetadata(request));
    const { clientId, text } = identifyClient(metadata);
    const nowMs = Date.now();
    await storeClient(openD1(env.DB, config.meter), clientId, text, nowMs);
    const issued = { client_id: clientId, client_id_issued_at: Math.floor(nowMs / 1000) };
    return Response.json(
      { ...issued, ...metadata },
      { status: 201, headers: { 'cache-control': 'no-store' } },
    );
  },
});

async function readMetadata(request: Request): Promise<unknown> {
  try {
    return await readJsonBody(request, maxMetadataBytes);
  } catch (error) {
    if (error instanceof MatrixError) throw new OauthError('invalid_client_metadata', error.message);
    throw error;
  }
}
