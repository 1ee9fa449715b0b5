import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { MatrixError } from '../../../matrix/errors.ts';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject, JsonValue } from '../../../matrix/json.ts';

/**
 * Client-server API, "User-Interactive Authentication API". Every flow here has one stage, proved anew by
 * the request that passes it, or once in a browser; so nothing is stored here, and a session is a signed statement of what it is for:
 * one user, one operation, one body, for a time.
 */

/** Lifetime of a session. */
export const sessionMs = 30 * 60_000;

/** The `auth` member of a request; what else it holds depends on the stage. */
export const authDataSchema = v.looseObject({
  type: v.optional(v.pipe(v.string(), v.maxLength(255))),
  /** matrix-rust-sdk sends null for the session that it does not have yet. */
  session: v.nullish(v.pipe(v.string(), v.maxLength(255))),
});
export type AuthData = v.InferOutput<typeof authDataSchema>;

/** A way to pass. `isProved` must itself hold the proof against what the server knows. */
export interface Stage {
  type: string;
  /** What the client has to know for it. */
  params?: JsonObject;
  isProved(auth: AuthData): Promise<boolean>;
  /** Passed in a browser, for this session; the client then comes back with the session alone. */
  isPassed?(sessionHash: string): Promise<boolean>;
}

export interface InteractiveRequest {
  operationId: string;
  userId?: UserId;
  /** The checked body; its `auth` is not part of what the session is bound to. */
  body: { auth?: AuthData | undefined; [member: string]: unknown };
}

/** 401 with the flows. Only a failed attempt has `errcode` and `error`, by which clients tell it. */
class AuthenticationChallenge extends MatrixError {
  constructor(stages: readonly Stage[], session: string, failure: string | undefined) {
    const flows = stages.map(({ type }) => ({ stages: [type] }));
    const params = Object.fromEntries(
      stages.map((stage) => [stage.type, stage.params]).filter(([, of]) => of),
    );
    super(401, 'M_FORBIDDEN', failure ?? '', { session, flows, params, completed: [] });
  }

  override toBody(): JsonObject {
    return this.message === '' ? this.extra : super.toBody();
  }
}

/**
 * Returns if the request proves one of the stages; a session may be left out, a wrong one never passes.
 * @param secret key of the sessions
 * @throws the 401 that tells the client how to go on
 */
export async function requireInteractiveAuth(
  request: InteractiveRequest,
  stages: readonly Stage[],
  secret: string,
  nowMs: number,
): Promise<void> {
  const purpose = purposeOf(request);
  const challenge = (failure?: string) =>
    new AuthenticationChallenge(stages, makeSession(purpose, secret, nowMs + sessionMs), failure);
  const { auth } = request.body;
  if (typeof auth?.session === 'string' && !isSessionFor(auth.session, purpose, secret, nowMs)) {
    throw challenge('The session has expired or was begun for something else');
  }
  const offered = stages.filter(({ type }) => auth?.type === undefined || type === auth.type);
  if (typeof auth?.session === 'string') {
    for (const stage of offered) {
      if (await stage.isPassed?.(sessionHash(auth.session))) return;
    }
  }
  if (auth?.type === undefined) throw challenge();
  const [stage] = offered;
  if (!stage) throw challenge('This kind of authentication is not offered here');
  if (!(await stage.isProved(auth))) throw challenge('Authentication failed');
}

/** By which a session is known where it is noted as passed. */
export function sessionHash(session: string): string {
  return createHash('sha256').update(session).digest('base64url');
}

function purposeOf({ operationId, userId, body }: InteractiveRequest): string {
  const { auth: _, ...bound } = body;
  return createHash('sha256')
    .update(JSON.stringify([operationId, userId ?? null, bound as JsonValue]))
    .digest('base64url');
}

function makeSession(purpose: string, secret: string, expiresMs: number): string {
  const statement = `${expiresMs}.${randomBytes(9).toString('base64url')}`;
  return `${statement}.${sign(statement, purpose, secret)}`;
}

function isSessionFor(session: string, purpose: string, secret: string, nowMs: number): boolean {
  const end = session.lastIndexOf('.');
  const statement = session.slice(0, end);
  const expected = Buffer.from(sign(statement, purpose, secret));
  const given = Buffer.from(session.slice(end + 1));
  if (given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected)) return false;
  return Number.parseInt(statement, 10) > nowMs;
}

function sign(statement: string, purpose: string, secret: string): string {
  return createHmac('sha256', secret).update(`interactive-auth ${statement} ${purpose}`).digest('base64url');
}
