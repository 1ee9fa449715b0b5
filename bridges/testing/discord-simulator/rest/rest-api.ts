import { emptyReply, jsonReply, type LoopbackRequest, type Reply } from '../../loopback/loopback-server.ts';
import { checkRestError, checkRestRequest, checkRestResponse } from '../../spec-validation/discord-rest.ts';
import { DiscordApiError, generalNotFound, methodNotAllowed, unauthorized } from '../discord-api-error.ts';
import type { Simulation } from '../discord-simulator.ts';
import type { CallFault } from '../faults.ts';
import type { Application } from '../world.ts';
import { takeFromBucket } from './rate-buckets.ts';
import { readBody } from './read-body.ts';
import { matchRoute } from './registry.ts';
import type { RestResult, Route } from './rest-call.ts';

function applicationOf(simulation: Simulation, request: LoopbackRequest): Application {
  const token = /^Bot (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const application = [...simulation.world.applications.values()].find((entry) => entry.token === token);
  if (!application) throw unauthorized();
  return application;
}

function rateLimited(
  scope: 'user' | 'global' | 'shared',
  retryAfterS: number,
  headers: Record<string, string>,
): Reply {
  return jsonReply(
    429,
    { message: 'You are being rate limited.', retry_after: retryAfterS, global: scope === 'global' },
    {
      ...headers,
      'retry-after': String(Math.ceil(retryAfterS)),
      'x-ratelimit-scope': scope,
      ...(scope === 'global' ? { 'x-ratelimit-global': 'true' } : {}),
    },
  );
}

function refusedBy(fault: CallFault | undefined, headers: Record<string, string>): Reply | undefined {
  switch (fault?.kind) {
    case 'rate_limited':
      return rateLimited(fault.scope, fault.retryAfterS, headers);
    case 'http_error':
      return emptyReply(fault.status);
    case 'api_error':
      return jsonReply(fault.status, { message: fault.message, code: fault.code }, headers);
    case 'cut':
    case 'hang':
      return { kind: fault.kind };
    default:
      return undefined;
  }
}

function spoiledBy(fault: CallFault | undefined, reply: Reply): Reply {
  switch (fault?.kind) {
    case 'http_error_after_commit':
      return emptyReply(fault.status);
    case 'cut_after_commit':
      return { kind: 'cut' };
    case 'hang_after_commit':
      return { kind: 'hang' };
    default:
      return reply;
  }
}

async function run(
  simulation: Simulation,
  route: Route,
  params: Record<string, string>,
  request: LoopbackRequest,
  application: Application | undefined,
): Promise<RestResult> {
  const { body, files } = await readBody(request);
  const call = { simulation, world: simulation.world, params, query: request.url.searchParams, body, files };
  if (route.auth === 'path') return route.run(call);
  if (!application) throw unauthorized();
  return route.run({ ...call, application });
}

function errorReply(error: unknown, headers: Record<string, string> = {}): Reply {
  if (!(error instanceof DiscordApiError)) throw error;
  return jsonReply(error.status, error.body, headers);
}

/**
 * One call: 1. route and token, 2. the request is checked against the specification, 3. rate limit, 4. faults, 5. the
 * work, 6. the reply is checked.
 */
export async function answerRest(
  simulation: Simulation,
  request: LoopbackRequest,
  path: string,
): Promise<Reply> {
  const match = matchRoute(request.method, path);
  if (match.kind !== 'route') {
    simulation.violations.add({
      where: 'request',
      operation: `${request.method} ${path}`,
      message: 'no such operation in the simulator',
      body: undefined,
    });
    return errorReply(match.kind === 'none' ? generalNotFound() : methodNotAllowed());
  }
  const { route, params } = match;
  let application: Application | undefined;
  let body: unknown;
  const log = (reply: Reply): Reply => {
    const status = reply.kind === 'reply' ? reply.status : reply.kind;
    const botUserId = application?.botUserId;
    simulation.calls.push({ operationId: route.operationId, path: route.path, botUserId, body, status });
    return reply;
  };
  try {
    if (route.auth === 'bot') application = applicationOf(simulation, request);
    body = (await readBody(request)).body;
  } catch (error) {
    return log(errorReply(error));
  }
  checkRestRequest(simulation.violations, route, request, body);
  const who = application?.id ?? 'token';
  const { headers, retryAfterS } = takeFromBucket(simulation, route.operationId, params, who);
  if (retryAfterS !== undefined) return log(rateLimited('user', retryAfterS, headers));
  const fault = simulation.faults.takeForCall(route.operationId);
  const refused = refusedBy(fault, headers);
  if (refused) return log(refused);
  try {
    const result = await run(simulation, route, params, request, application);
    checkRestResponse(simulation.violations, route.operationId, result);
    const reply =
      result.body === undefined
        ? emptyReply(result.status, headers)
        : jsonReply(result.status, result.body, headers);
    return log(spoiledBy(fault, reply));
  } catch (error) {
    if (error instanceof DiscordApiError)
      checkRestError(simulation.violations, route.operationId, error.body);
    return log(errorReply(error, headers));
  }
}
