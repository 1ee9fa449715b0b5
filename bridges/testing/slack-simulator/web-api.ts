import { jsonReply, type LoopbackRequest, type Reply } from '../loopback/loopback-server.ts';
import { checkWebApiRequest, checkWebApiResponse } from '../spec-validation/slack-web-api.ts';
import type { MethodFault } from './faults.ts';
import { oauthAccess } from './methods/oauth.ts';
import { webApiMethods } from './methods/registry.ts';
import { takeRateLimit } from './rate-limits.ts';
import { readArguments } from './read-arguments.ts';
import { SlackApiError } from './slack-api-error.ts';
import type { Simulation } from './slack-simulator.ts';
import { authenticate, CallArgs, requireScope, type WebApiMethod } from './web-api-call.ts';
import type { Token } from './world.ts';

interface Answer {
  body: Record<string, unknown>;
  token: Token | undefined;
  accepted: string[];
  retryAfterS?: number;
}

/** A bearer in the header, or a `token` argument of a form. JSON bodies must use the header, as at Slack. */
function bearerOf(request: LoopbackRequest, args: Record<string, unknown>): string | undefined {
  const header = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (header) return header.trim();
  const isJson = (request.headers['content-type'] ?? '').startsWith('application/json');
  return !isJson && typeof args.token === 'string' ? args.token : undefined;
}

async function runMethod(
  simulation: Simulation,
  name: string,
  method: WebApiMethod,
  request: LoopbackRequest,
): Promise<Answer> {
  const { args: raw, files } = await readArguments(request);
  const { world } = simulation;
  const { token, team } = authenticate(world, bearerOf(request, raw));
  const args = new CallArgs(raw);
  const retryAfterS = takeRateLimit(simulation, name, method.tier, token, args);
  if (retryAfterS) {
    return { body: { ok: false, error: 'ratelimited' }, token, accepted: method.scopes, retryAfterS };
  }
  requireScope(token, method.scopes);
  const result = await method.run({ simulation, world, token, team, args, files });
  return { body: { ok: true, ...result }, token, accepted: method.scopes };
}

async function answer(simulation: Simulation, name: string, request: LoopbackRequest): Promise<Answer> {
  try {
    if (name === 'oauth.v2.access') {
      const args = new CallArgs((await readArguments(request)).args);
      const body = oauthAccess(simulation, args, request.headers.authorization);
      return { body: { ok: true, ...body }, token: undefined, accepted: [] };
    }
    const method = webApiMethods[name];
    if (!method) {
      return {
        body: { ok: false, error: 'unknown_method', req_method: name },
        token: undefined,
        accepted: [],
      };
    }
    return await runMethod(simulation, name, method, request);
  } catch (error) {
    if (!(error instanceof SlackApiError)) throw error;
    return { body: { ok: false, error: error.code, ...error.details }, token: undefined, accepted: [] };
  }
}

/** What a fault answers before any work, or undefined when the work is to be done. */
function refusedBy(fault: MethodFault | undefined): Reply | undefined {
  switch (fault?.kind) {
    case 'rate_limited':
      return jsonReply(
        429,
        { ok: false, error: 'ratelimited' },
        { 'retry-after': String(fault.retryAfterS) },
      );
    case 'http_error':
      return {
        kind: 'reply',
        status: fault.status,
        headers: { 'content-type': 'text/html' },
        body: 'server error',
      };
    case 'platform_error':
      return jsonReply(200, { ok: false, error: fault.error });
    case 'cut':
    case 'hang':
      return { kind: fault.kind };
    default:
      return undefined;
  }
}

/** How a fault spoils the answer to work that was done. */
function spoiledBy(fault: MethodFault | undefined, reply: Reply): Reply {
  switch (fault?.kind) {
    case 'http_error_after_commit':
      return {
        kind: 'reply',
        status: fault.status,
        headers: { 'content-type': 'text/html' },
        body: 'server error',
      };
    case 'cut_after_commit':
      return { kind: 'cut' };
    case 'hang_after_commit':
      return { kind: 'hang' };
    default:
      return reply;
  }
}

/** One call: 1. the request is checked against the specification, 2. faults, 3. the method, 4. the reply is checked. */
export async function answerWebApi(
  simulation: Simulation,
  request: LoopbackRequest,
  name: string,
): Promise<Reply> {
  const { args } = await readArguments(request);
  const { token: _, client_secret: __, code: ___, ...safeArgs } = args;
  checkWebApiRequest(simulation.violations, name, safeArgs);
  const log = (reply: Reply, token?: Token, body?: Record<string, unknown>) => {
    simulation.calls.push({
      method: name,
      args: safeArgs,
      userId: token?.userId,
      appId: token?.app?.id,
      status: reply.kind === 'reply' ? reply.status : reply.kind,
      reply: body,
    });
    return reply;
  };
  const fault = simulation.faults.takeForCall(name);
  const refused = refusedBy(fault);
  if (refused) return log(refused);
  const { body, token, accepted, retryAfterS } = await answer(simulation, name, request);
  checkWebApiResponse(simulation.violations, name, body);
  if (fault?.kind === 'echo_first') await simulation.deliveries.quiescent();
  const headers: Record<string, string> = {
    ...(token ? { 'x-oauth-scopes': [...token.scopes].join(',') } : {}),
    ...(accepted.length > 0 ? { 'x-accepted-oauth-scopes': accepted.join(',') } : {}),
    ...(retryAfterS ? { 'retry-after': String(retryAfterS) } : {}),
  };
  return log(spoiledBy(fault, jsonReply(retryAfterS ? 429 : 200, body, headers)), token, body);
}
