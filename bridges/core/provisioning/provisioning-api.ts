import { MatrixError, missingParam, notFound, unknown, unrecognized } from '../../../matrix/errors.ts';
import { parseUserId } from '../../../matrix/identifiers.ts';
import { errorText, log } from '../../../platform/log.ts';
import { sameSecret } from '../../../platform/same-secret.ts';
import type { Bridge } from '../bridge.ts';
import { listLoginFlows, startLogin, submitLoginStep } from './login-steps.ts';
import { listLogins, logOut, whoAmI } from './logins-of-user.ts';

/** Who asks for what. */
export interface ProvisioningCall {
  bridge: Bridge;
  request: Request;
  /** The Matrix user for whom is asked. */
  userId: string;
  nowMs: number;
}

type Handler = (call: ProvisioningCall, ...parameters: string[]) => Promise<object>;

const routes: [method: string, path: RegExp, handler: Handler][] = [
  ['GET', /^\/whoami$/, whoAmI],
  ['GET', /^\/login\/flows$/, listLoginFlows],
  ['POST', /^\/login\/start\/([^/]+)$/, startLogin],
  ['POST', /^\/login\/step\/([^/]+)\/([^/]+)\/([^/]+)$/, submitLoginStep],
  ['GET', /^\/logins$/, listLogins],
  ['POST', /^\/logout\/([^/]+)$/, logOut],
];

const prefix = '/_matrix/provision/v3';

export function isProvisioningPath(pathname: string): boolean {
  return pathname.includes(`${prefix}/`);
}

/**
 * The provisioning API of the ecosystem's bridges, version 3: log in step by step, see logins, log out. For
 * the homeserver and its tools: the token is the owner's, and `user_id` says for whom they act.
 */
export async function provision(bridge: Bridge, request: Request, nowMs: number): Promise<Response> {
  try {
    const url = new URL(request.url);
    authorize(bridge, request);
    const path = url.pathname.slice(url.pathname.indexOf(prefix) + prefix.length);
    for (const [method, pattern, handler] of routes) {
      const match = request.method === method ? pattern.exec(path) : null;
      if (!match) continue;
      const call = { bridge, request, userId: userOf(bridge, url), nowMs };
      return Response.json(await handler(call, ...match.slice(1).map(decode)));
    }
    throw unrecognized();
  } catch (error) {
    if (!(error instanceof MatrixError))
      log('error', 'bridge.provisioning_failed', { error: errorText(error) });
    const answer = error instanceof MatrixError ? error : unknown();
    return Response.json(answer.toBody(), { status: answer.status, headers: answer.headers });
  }
}

function authorize(bridge: Bridge, request: Request): void {
  const given = /^Bearer +([^\s]+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (!given) throw new MatrixError(401, 'M_MISSING_TOKEN', 'Missing provisioning token');
  if (!sameSecret(bridge.config.provisioningToken, given)) {
    throw new MatrixError(401, 'M_UNKNOWN_TOKEN', 'Wrong provisioning token');
  }
}

/** Only people of our own homeserver can be logged in. */
function userOf(bridge: Bridge, url: URL): string {
  const userId = parseUserId(url.searchParams.get('user_id') ?? '');
  if (!userId) throw missingParam('user_id');
  if (!userId.endsWith(`:${bridge.config.homeserverName}`)) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'Not a user of this homeserver');
  }
  return userId;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notFound();
  }
}
