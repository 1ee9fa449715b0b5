import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import {
  badJson,
  invalidParam,
  MatrixError,
  methodNotAllowed,
  unrecognized,
} from '../../../matrix/errors.ts';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { log } from '../../../platform/log.ts';
import { sameSecret } from '../../../platform/same-secret.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { verifyRequest } from '../federation/verify-request.ts';
import { makeStubs } from '../objects/stubs.ts';
import { authenticate, bearerToken, registrationOfToken } from './access-token.ts';
import { authenticateAdministrator } from './admin/authenticate-administrator.ts';
import { forwardToBridge } from './bridges.ts';
import { corsHeaders, isForWebClients, preflight } from './cors.ts';
import type { AnyEndpoint, Call, Requester } from './endpoint.ts';
import { errorResponse } from './errors.ts';
import { readJsonBody } from './json-body.ts';
import { checkRateLimit, checkServer } from './rate-limit.ts';
import { checkRestrictions } from './restrictions.ts';

type AppContext = Context<{ Bindings: Env }>;

/** Builds the router from a list of endpoints. Unknown paths answer 404, wrong methods 405, both in JSON. */
export function makeApp(endpoints: readonly AnyEndpoint[]): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>({ strict: false });
  const paths = new Set<string>();
  for (const definition of endpoints) {
    for (const path of servedPaths(definition)) {
      const route = honoPath(path);
      paths.add(route);
      app.on(definition.method, route, (context) => answer(context, definition));
    }
  }
  for (const path of paths) {
    if (isForWebClients(path)) app.options(path, () => preflight());
    app.all(path, (context) => fail(context, methodNotAllowed()));
  }
  app.all('/_bridge/:id/*', ({ req, env }) =>
    forwardToBridge(req.raw, req.param('id'), env, readConfig(env)),
  );
  app.options('/_matrix/*', () => preflight());
  app.notFound((context) => fail(context, unrecognized()));
  app.onError((error, context) => fail(context, error));
  return app;
}

/** Clients of before version 1.1 of the specification say `r0` for `v3`. */
function servedPaths({ paths }: AnyEndpoint): string[] {
  const before = paths.filter((path) => path.startsWith('/_matrix/client/v3/'));
  return [...paths, ...before.map((path) => path.replace('/v3/', '/r0/'))];
}

async function answer(context: AppContext, definition: AnyEndpoint): Promise<Response> {
  const requestId = crypto.randomUUID();
  const startMs = Date.now();
  let response: Response;
  try {
    const result = await callEndpoint(context, definition);
    response = result instanceof Response ? result : Response.json(result);
  } catch (error) {
    response = errorResponse(error, requestId);
  }
  // A line for each request would cost as much as answering many of them.
  if (response.status >= 400) {
    log('debug', 'request.refused', {
      requestId,
      operation: definition.operationId,
      status: response.status,
      ms: Date.now() - startMs,
    });
  }
  return withCors(context, response);
}

async function callEndpoint(context: AppContext, definition: AnyEndpoint): Promise<object | Response> {
  const { env } = context;
  const config = readConfig(env);
  const stubs = makeStubs(env);
  const request = context.req.raw;
  const url = new URL(request.url);
  const call: Call<unknown, unknown> = {
    request,
    url,
    params: context.req.param(),
    query: undefined,
    body: undefined,
    env,
    config,
    stubs,
    waitUntil: (work) => context.executionCtx.waitUntil(work),
  };
  await checkRateLimit(definition.rateLimit ?? 'none', request, config);
  if (definition.auth === 'server') return callAsServer(call, definition);
  const requester = await authenticateFor(definition, call);
  checkRestrictions(definition.operationId, requester?.restrictions);
  call.query = queryOf(call, definition);
  if (definition.body) call.body = parse(definition.body, await readJsonObject(request), badJson);
  return definition.handler(call, requester);
}

/** The signature covers the body: it is read, and judged, before its schema is. */
async function callAsServer(
  call: Call<unknown, unknown>,
  definition: AnyEndpoint,
): Promise<object | Response> {
  const sender = await verifyRequest(call.env, call.request);
  checkServer(sender.origin, call.config);
  call.query = queryOf(call, definition);
  if (definition.body) call.body = parse(definition.body, sender.content, badJson);
  return definition.handler(call, sender);
}

function queryOf({ url }: Call<unknown, unknown>, { query }: AnyEndpoint): unknown {
  const given = Object.fromEntries(url.searchParams);
  return query ? parse(query, given, invalidParam) : given;
}

async function authenticateFor(
  definition: AnyEndpoint,
  call: Call<unknown, unknown>,
): Promise<Requester | undefined> {
  const { request, url, config, stubs } = call;
  switch (definition.auth) {
    case 'none':
    case 'server':
    case 'deferred':
      return undefined;
    case 'optional':
      return request.headers.has('authorization') ? authenticate(request, url, config, stubs) : undefined;
    case 'accessToken':
      return authenticate(request, url, config, stubs);
    case 'appservice':
      if (!registrationOfToken(bearerToken(request), config)) {
        throw new MatrixError(403, 'M_FORBIDDEN', 'Only for application services');
      }
      return authenticate(request, url, config, stubs);
    case 'admin':
      if (!sameSecret(config.adminToken, bearerToken(request))) {
        throw new MatrixError(403, 'M_FORBIDDEN', 'Only for the owner');
      }
      return undefined;
    case 'administrator':
      return authenticateAdministrator(call, definition.operationId);
    default:
      return definition.auth satisfies never;
  }
}

/** Schemas of objects take lists for objects without members. */
async function readJsonObject(request: Request): Promise<JsonObject> {
  const body = await readJsonBody(request);
  if (!isJsonObject(body)) throw badJson('The body is not an object');
  return body;
}

function parse(
  schema: v.GenericSchema,
  value: unknown,
  makeError: (message: string) => MatrixError,
): unknown {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw makeError(`${v.getDotPath(issue) ?? 'value'}: ${issue.message}`.slice(0, 500));
}

function fail(context: AppContext, error: unknown): Response {
  return withCors(context, errorResponse(error, context.req.header('cf-ray') ?? crypto.randomUUID()));
}

function withCors(context: AppContext, response: Response): Response {
  if (response.webSocket || !isForWebClients(context.req.path)) return response;
  const answered = new Response(response.body, response);
  for (const [name, value] of Object.entries(corsHeaders)) answered.headers.set(name, value);
  return answered;
}

/** `/rooms/{roomId}` → `/rooms/:roomId`. */
function honoPath(path: string): string {
  return path.replace(/\{([^}]+)\}/g, ':$1');
}
