import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { MatrixError } from '../../../matrix/errors.ts';
import { parseUserId, type UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { readBytes, SafeFetchError } from '../../../platform/safe-fetch.ts';
import type { Config } from '../config.ts';
import type { PublicFetch } from './public-fetch.ts';

/** An address outside Matrix, and the identity server of the client's choice that knows it. */
export interface ThirdPartyAddress {
  idServer: string;
  idAccessToken: string;
  medium: string;
  address: string;
}

const key = v.object({
  public_key: v.pipe(v.string(), v.maxLength(100)),
  key_validity_url: v.optional(v.pipe(v.string(), v.maxLength(2000))),
});

const hashDetails = v.object({
  lookup_pepper: v.pipe(v.string(), v.maxLength(1000)),
  algorithms: v.array(v.string()),
});
const lookupResult = v.object({ mappings: v.record(v.string(), v.string()) });
const storedInvite = v.object({
  token: v.pipe(v.string(), v.regex(/^[0-9a-zA-Z.=_-]{1,255}$/)),
  public_keys: v.pipe(v.array(key), v.minLength(1), v.maxLength(10)),
  display_name: v.pipe(v.string(), v.maxLength(1000)),
});

/** @throws `M_THREEPID_DENIED` if the owner allows no identity server, `M_SERVER_NOT_TRUSTED` if not this one */
export function requireTrusted({ idServer }: Pick<ThirdPartyAddress, 'idServer'>, config: Config): void {
  if (config.identityServers.length === 0) {
    throw new MatrixError(403, 'M_THREEPID_DENIED', 'Invitations go to Matrix users only');
  }
  if (!config.identityServers.includes(idServer)) {
    throw new MatrixError(403, 'M_SERVER_NOT_TRUSTED', 'This identity server is not trusted here');
  }
}

/** Identity service API, as a homeserver uses it. All calls throw `M_UNKNOWN` (502) when the server fails. */
export class IdentityServer {
  readonly #fetch: PublicFetch;
  readonly #address: ThirdPartyAddress;

  constructor(fetch: PublicFetch, address: ThirdPartyAddress) {
    this.#fetch = fetch;
    this.#address = address;
  }

  /** Who has bound the address, which is asked for by its hash. */
  async lookUp(): Promise<UserId | undefined> {
    const { lookup_pepper: pepper, algorithms } = await this.#call('GET', 'hash_details', hashDetails);
    if (!algorithms.includes('sha256')) return undefined;
    const { medium, address } = this.#address;
    const hash = createHash('sha256').update(`${address} ${medium} ${pepper}`).digest('base64url');
    const body = { algorithm: 'sha256', pepper, addresses: [hash] };
    const { mappings } = await this.#call('POST', 'lookup', lookupResult, body);
    return Object.hasOwn(mappings, hash) ? parseUserId(mappings[hash] ?? '') : undefined;
  }

  /** Has the address told of the invitation. @returns token and content of the state event for it */
  async storeInvite(invitation: JsonObject): Promise<{ token: string; content: JsonObject }> {
    const { medium, address } = this.#address;
    const body = { ...invitation, medium, address };
    const stored = await this.#call('POST', 'store-invite', storedInvite, body);
    const [first] = stored.public_keys;
    return {
      token: stored.token,
      content: { display_name: stored.display_name, ...first, public_keys: stored.public_keys },
    };
  }

  async #call<Schema extends v.GenericSchema>(
    method: 'GET' | 'POST',
    path: string,
    schema: Schema,
    body?: JsonObject,
  ): Promise<v.InferOutput<Schema>> {
    const { idServer, idAccessToken } = this.#address;
    try {
      const { response } = await this.#fetch(`https://${idServer}/_matrix/identity/v2/${path}`, {
        method,
        timeoutMs: 10_000,
        maxBytes: 100_000,
        maxRedirects: 0,
        headers: { authorization: `Bearer ${idAccessToken}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = new TextDecoder().decode(await readBytes(response));
      const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
      if (response.ok && result.success) return result.output;
    } catch (error) {
      if (!(error instanceof SafeFetchError)) throw error;
    }
    throw new MatrixError(502, 'M_UNKNOWN', 'The identity server did not answer as it should');
  }
}
