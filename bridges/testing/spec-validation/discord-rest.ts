import type { LoopbackRequest } from '../loopback/loopback-server.ts';
import { describeErrors } from './describe-errors.ts';
import { knowsOperation, queryNamesOf, requestValidator, responseValidator } from './discord-openapi.ts';
import type { ViolationLog } from './violations.ts';

/** Not in the document: undocumented, but used by every client (discord-api-docs has no page of it). */
const undocumented = new Set(['refresh_attachment_urls']);

/** discord.com/developers/docs/reference#user-agent: others may be blocked by Cloudflare. */
const userAgent = /^DiscordBot \(.+, .+\)/;

/** discord.js sends these with every message, as `false`, also where they mean nothing; Discord ignores them. */
const ignoredWhenFalse = ['tts', 'enforce_nonce'];

/** discord.js names the type of a thread also where the root message decides it. */
const ignoredFields: Record<string, string[]> = { create_thread_from_message: ['type'] };

function withoutIgnored(operationId: string, body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const ignored = ignoredFields[operationId] ?? [];
  return Object.fromEntries(
    Object.entries(body).filter(
      ([key, value]) => !ignored.includes(key) && !(ignoredWhenFalse.includes(key) && value === false),
    ),
  );
}

function requestErrors(operationId: string, request: LoopbackRequest, body: unknown): string[] {
  const errors: string[] = [];
  const allowed = queryNamesOf(operationId);
  for (const name of request.url.searchParams.keys()) {
    if (!allowed.has(name)) errors.push(`has no query parameter "${name}"`);
  }
  const validate = requestValidator(operationId);
  const isEmpty = request.body.length === 0;
  if (validate && !isEmpty && !validate(withoutIgnored(operationId, body)))
    errors.push(describeErrors(validate));
  if (!validate && !isEmpty) errors.push('takes no body');
  return errors;
}

/** Checks a request: user agent, query, and the JSON body with every object closed. */
export function checkRestRequest(
  violations: ViolationLog,
  route: { operationId: string },
  request: LoopbackRequest,
  body: unknown,
): void {
  const add = (message: string) =>
    violations.add({ where: 'request', operation: route.operationId, message, body });
  if (!userAgent.test(request.headers['user-agent'] ?? '')) {
    add(`User-Agent "${request.headers['user-agent'] ?? ''}" is not of the form DiscordBot (url, version)`);
  }
  if (undocumented.has(route.operationId)) return;
  if (!knowsOperation(route.operationId)) {
    add('no such operation in the specification');
    return;
  }
  for (const message of requestErrors(route.operationId, request, body)) add(message);
}

/** An interaction answered in the HTTP reply has the form of one answered by the callback. */
export function checkInteractionAnswer(violations: ViolationLog, answer: Record<string, unknown>): void {
  const operation = 'create_interaction_response';
  const validate = requestValidator(operation);
  if (!validate || validate(answer)) return;
  violations.add({ where: 'request', operation, message: describeErrors(validate), body: answer });
}

/** Checks an answer's status and body. */
export function checkRestResponse(
  violations: ViolationLog,
  operationId: string,
  result: { status: number; body?: unknown },
): void {
  if (undocumented.has(operationId)) return;
  const add = (message: string) =>
    violations.add({ where: 'response', operation: operationId, message, body: result.body });
  const validate = responseValidator(operationId, result.status);
  if (validate === 'none') add(`has no answer ${result.status}`);
  else if (validate === 'no body') {
    if (result.body !== undefined) add(`answer ${result.status} has no body`);
  } else if (!validate(result.body)) add(describeErrors(validate));
}

function isErrorTree(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  return Object.entries(node).every(([key, inner]) =>
    key === '_errors'
      ? Array.isArray(inner) &&
        inner.every((one) => typeof one.code === 'string' && typeof one.message === 'string')
      : isErrorTree(inner),
  );
}

/**
 * Checks a refusal's body, which is the same for every operation. The document says that the codes of fields are
 * numbers; discord.com/developers/docs/reference#error-messages shows the texts that they are.
 */
export function checkRestError(
  violations: ViolationLog,
  operationId: string,
  body: Record<string, unknown>,
): void {
  const { code, message, errors } = body;
  const isWhole = typeof code === 'number' && typeof message === 'string';
  if (isWhole && (errors === undefined || isErrorTree(errors))) return;
  violations.add({ where: 'response', operation: operationId, message: 'malformed error', body });
}
