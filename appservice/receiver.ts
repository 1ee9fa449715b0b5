import {
  badJson,
  forbidden,
  MatrixError,
  methodNotAllowed,
  missingToken,
  notFound,
  notJson,
  tooLarge,
  unknown,
  unrecognized,
} from '../matrix/errors.ts';
import { isJsonObject } from '../matrix/json.ts';
import { readLimitedBody } from '../platform/limited-body.ts';
import { errorText, log } from '../platform/log.ts';
import { sameSecret } from '../platform/same-secret.ts';
import { parseTransaction, type Transaction, transactionLimits } from './transactions.ts';

/** What an application service does with what its homeserver asks. */
export interface ReceiverHandlers {
  /**
   * Must have made the transaction durable when it returns: the homeserver then forgets it. The same
   * `txnId` may come again (its answer was lost) and must then do nothing: the usual way is a row
   * `INSERT OR IGNORE` by `txnId`, or by event id, in the same write as the work. If it throws, the
   * homeserver sends the transaction again later, and nothing after it before that.
   */
  transaction(transaction: Transaction): Promise<void>;
  /** Whether this user of our namespace exists; must then have been registered. Absent: none does. */
  queryUser?(userId: string): Promise<boolean>;
  /** Whether this alias of our namespace exists; the room must then have been created. Absent: none does. */
  queryAlias?(alias: string): Promise<boolean>;
  ping?(transactionId: string | undefined): Promise<void>;
}

/**
 * Answers a request of the Application Service API. Whatever leads to `/_matrix/app/v1/` is ignored, so
 * that the registration's `url` may have a path of its own.
 * @param hsToken the token by which the homeserver shows itself
 */
export async function receive(
  request: Request,
  hsToken: string,
  handlers: ReceiverHandlers,
): Promise<Response> {
  try {
    authorize(request, hsToken);
    return Response.json(await route(request, handlers));
  } catch (error) {
    if (!(error instanceof MatrixError)) {
      log('error', 'appservice.receive_failed', { error: errorText(error) });
    }
    const answer = error instanceof MatrixError ? error : unknown();
    return Response.json(answer.toBody(), { status: answer.status, headers: answer.headers });
  }
}

/** Application Service API, "Authorization": 401 without a token, 403 with a wrong one. */
function authorize(request: Request, hsToken: string): void {
  const given = /^Bearer +([^\s]+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (!given) throw missingToken();
  if (!sameSecret(hsToken, given)) throw forbidden('Wrong hs_token');
}

async function route(request: Request, handlers: ReceiverHandlers): Promise<object> {
  const match = /\/_matrix\/app\/v1\/(transactions|users|rooms|ping)(?:\/([^/]+))?$/.exec(
    new URL(request.url).pathname,
  );
  const [, operation, encoded] = match ?? [];
  const id = encoded === undefined ? undefined : decode(encoded);
  if (operation === 'ping' ? id !== undefined : id === undefined) throw unrecognized();
  switch (operation) {
    case 'transactions':
      expectMethod(request, 'PUT');
      return receiveTransaction(request, id ?? '', handlers);
    case 'users':
      expectMethod(request, 'GET');
      return answerQuery(handlers.queryUser?.(id ?? ''));
    case 'rooms':
      expectMethod(request, 'GET');
      return answerQuery(handlers.queryAlias?.(id ?? ''));
    case 'ping':
      expectMethod(request, 'POST');
      return receivePing(request, handlers);
    default:
      throw unrecognized();
  }
}

async function receiveTransaction(
  request: Request,
  txnId: string,
  handlers: ReceiverHandlers,
): Promise<object> {
  const transaction = parseTransaction(txnId, await readJson(request, transactionLimits.maxReceivedBytes));
  if ('problem' in transaction) throw badJson(transaction.problem);
  await handlers.transaction(transaction);
  return {};
}

async function receivePing(request: Request, handlers: ReceiverHandlers): Promise<object> {
  const body = await readJson(request, 10_000);
  const id = isJsonObject(body) ? body.transaction_id : undefined;
  await handlers.ping?.(typeof id === 'string' ? id : undefined);
  return {};
}

async function answerQuery(exists: Promise<boolean> | undefined): Promise<object> {
  if (!(await exists)) throw notFound();
  return {};
}

function expectMethod(request: Request, method: string): void {
  if (request.method !== method) throw methodNotAllowed();
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unrecognized();
  }
}

/** Nesting is not limited: the homeserver did that, and a transaction refused for it would hold up all others. */
async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const body = await readLimitedBody(request, maxBytes);
  if (!body) throw tooLarge();
  if (body.byteLength === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch {
    throw notJson();
  }
}
