import * as v from 'valibot';
import { isWithinDepth } from '../../../matrix/json.ts';
import { limits } from '../../../matrix/limits.ts';
import { readLimitedBody } from '../../../platform/limited-body.ts';
import { errorText, log } from '../../../platform/log.ts';
import type { Bridge } from '../../core/bridge.ts';
import type { Login } from '../../core/logins.ts';
import { slackLogin } from '../login/slack-login.ts';
import type { SlackEnv } from '../slack-env.ts';
import { isIngressKey } from './ingress-key.ts';
import { loginOfIngressKey } from './ingress-logins.ts';
import { teamOf } from './team-stub.ts';
import { verifySignature } from './verify-signature.ts';

/** Slack's events are some kilobytes; blocks and attachments can make them some hundred. */
const maxBodyBytes = 1024 * 1024;

const challengeSchema = v.object({
  type: v.literal('url_verification'),
  challenge: v.pipe(v.string(), v.maxLength(1000)),
});

const callbackSchema = v.object({
  type: v.literal('event_callback'),
  event_id: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
  api_app_id: v.string(),
  event: v.looseObject({ type: v.pipe(v.string(), v.maxLength(100)) }),
});

const otherSchema = v.object({ type: v.pipe(v.string(), v.maxLength(100)) });

/**
 * The Events API. Nothing is stored, and no object woken, before the signature over the raw body is right;
 * Slack gets its 200 when the event is durable. Anything else makes it try again, three times.
 */
export async function receiveEvents(
  bridge: Bridge<SlackEnv>,
  request: Request,
  appKey: string,
  nowMs: number,
): Promise<Response> {
  if (request.method !== 'POST') return answer(405);
  if (!isIngressKey(bridge.env.ENCRYPTION_KEY, appKey)) return answer(404);
  const body = await readLimitedBody(request, maxBodyBytes);
  if (!body) return answer(413);
  const login = await loginOfIngressKey(bridge, appKey, nowMs);
  if (!login) return answerBeforeLogin(body);
  const { signingSecret } = slackLogin(login);
  const verdict = verifySignature(signingSecret, request.headers, body, nowMs);
  if (verdict !== 'valid') {
    log('warn', 'slack.event_refused', { loginId: login.loginId, verdict });
    return answer(401);
  }
  return takeEvent(bridge, login, body);
}

/** While an app is being made: its first challenge, which nobody else can know where to send. */
function answerBeforeLogin(body: Uint8Array): Response {
  const challenge = v.safeParse(challengeSchema, parseJson(body));
  return challenge.success ? challengeAnswer(challenge.output.challenge) : answer(404);
}

async function takeEvent(bridge: Bridge<SlackEnv>, login: Login, body: Uint8Array): Promise<Response> {
  const value = parseJson(body);
  const challenge = v.safeParse(challengeSchema, value);
  if (challenge.success) return challengeAnswer(challenge.output.challenge);
  const callback = v.safeParse(callbackSchema, value);
  if (!callback.success) {
    const other = v.safeParse(otherSchema, value);
    if (!other.success || other.output.type === 'event_callback') return answer(400);
    log('warn', 'slack.other_callback', { loginId: login.loginId, type: other.output.type });
    return answer(200);
  }
  const { event_id: eventId, api_app_id: appId, event } = callback.output;
  if (appId !== slackLogin(login).appId) return answer(401);
  try {
    await teamOf(bridge.env, login.loginId).accept({ eventId, payload: JSON.stringify(event) });
    return answer(200);
  } catch (error) {
    log('error', 'slack.event_not_stored', { loginId: login.loginId, error: errorText(error) });
    return answer(503);
  }
}

function challengeAnswer(challenge: string): Response {
  return new Response(challenge, {
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  });
}

function answer(status: number): Response {
  return new Response(null, { status });
}

/** @returns nothing if it is not JSON or nested too deeply */
function parseJson(body: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    return isWithinDepth(value, limits.maxJsonDepth) ? value : undefined;
  } catch {
    return undefined;
  }
}
