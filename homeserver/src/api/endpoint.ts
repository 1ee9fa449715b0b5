import type * as v from 'valibot';
import type { Registration } from '../../../appservice/registration.ts';
import type { DeviceId, UserId } from '../../../matrix/identifiers.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import type { ServerRequest } from '../federation/verify-request.ts';
import type { Stubs } from '../objects/stubs.ts';
import type { Restrictions } from '../objects/user-sync-rpc.ts';

/** Who asks. An application service acts as its bot or, by `?user_id=`, as a user of its namespace. */
export interface Requester {
  userId: UserId;
  /** Scope of transaction ids; for application services without a device a name of its own. */
  deviceId: DeviceId;
  appservice?: Registration;
  restrictions?: Restrictions;
}

export interface Call<Body, Query> {
  request: Request;
  url: URL;
  /** Path parameters, percent-decoded. */
  params: Record<string, string>;
  query: Query;
  body: Body;
  env: Env;
  config: Config;
  stubs: Stubs;
  /** Lets work go on after the answer. Nothing that must not be lost. */
  waitUntil(work: Promise<unknown>): void;
}

/** How the caller is known. The route table refuses an endpoint without it. */
export type Auth =
  /** Access token of a user, or `as_token`. */
  | 'accessToken'
  /** The handler passes the token on to the user's object, which checks it in the same request. */
  | 'deferred'
  /** A token is checked if there is one. */
  | 'optional'
  /** `as_token` only. */
  | 'appservice'
  /** The owner's administration token. */
  | 'admin'
  /** Access token of an administrator's account; of OAuth, with the scope of administration. */
  | 'administrator'
  /** Another server, by its signature of the request. */
  | 'server'
  | 'none';

export type RateLimit = 'none' | 'login' | 'send' | 'default';

type RequesterOf<A extends Auth> = A extends 'accessToken' | 'appservice' | 'administrator'
  ? Requester
  : A extends 'optional'
    ? Requester | undefined
    : A extends 'server'
      ? ServerRequest
      : undefined;

/** One operation of an API. A file under `api/` exports one, named after its `operationId`. */
export interface Endpoint<
  A extends Auth = Auth,
  Body extends v.GenericSchema | undefined = v.GenericSchema | undefined,
  Query extends v.GenericSchema | undefined = v.GenericSchema | undefined,
> {
  operationId: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Full paths in OpenAPI form (`/_matrix/client/v3/rooms/{roomId}/invite`); the first is the stable one. */
  paths: readonly [string, ...string[]];
  auth: A;
  rateLimit?: RateLimit;
  /** Schema of the JSON body; without it the body is not read (uploads read it themselves). */
  body?: Body;
  /** Schema of the query, given as an object of strings (of a repeated key the last). */
  query?: Query;
  /** A plain value is sent as JSON with status 200. */
  handler(
    call: Call<
      Body extends v.GenericSchema ? v.InferOutput<Body> : undefined,
      Query extends v.GenericSchema ? v.InferOutput<Query> : Record<string, string>
    >,
    requester: RequesterOf<A>,
  ): Promise<object | Response>;
}

/** Types an endpoint by its own schemas, then hides them so that all fit in one list. */
export function endpoint<
  A extends Auth,
  Body extends v.GenericSchema | undefined = undefined,
  Query extends v.GenericSchema | undefined = undefined,
>(definition: Endpoint<A, Body, Query>): AnyEndpoint {
  return definition as unknown as AnyEndpoint;
}

export interface AnyEndpoint extends Omit<Endpoint, 'handler'> {
  handler(
    call: Call<unknown, unknown>,
    requester: Requester | ServerRequest | undefined,
  ): Promise<object | Response>;
}
