import {
  ErrorCode,
  type WebAPIHTTPError,
  type WebAPIPlatformError,
  type WebAPIRateLimitedError,
  WebClient,
} from '@slack/web-api';
import * as v from 'valibot';
import { readingError, SlackError, type SlackFailure } from './slack-error.ts';

const timeoutMs = 25_000;

/** The SDK's own words go nowhere: they quote bodies. */
const silent = () => undefined;
const logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  setLevel: silent,
  getLevel: () => 'error' as never,
  setName: silent,
};

/**
 * Slack's Web API for one token. Each call has a client of its own and is made once: a client shared by
 * requests makes one wait in another's queue, which the runtime ends as hung, and repeating is the lane's.
 */
export class SlackWebApi {
  readonly #token: string;
  readonly #apiUrl: string;
  /** Method → when Slack will take it again. */
  readonly #notBeforeMs = new Map<string, number>();

  constructor(token: string, apiUrl: string) {
    this.#token = token;
    this.#apiUrl = apiUrl;
  }

  /** For what changes something. @throws SlackError */
  async call<Schema extends v.GenericSchema>(
    method: string,
    schema: Schema,
    args: Record<string, unknown> = {},
  ): Promise<v.InferOutput<Schema>> {
    const waitMs = (this.#notBeforeMs.get(method) ?? 0) - Date.now();
    if (waitMs > 0) throw new SlackError(method, { kind: 'rate_limited', afterMs: waitMs });
    try {
      const answer = await this.#client().apiCall(method, args);
      return parseAnswer(method, schema, answer);
    } catch (error) {
      if (error instanceof SlackError) throw error;
      const failure = failureOf(error);
      if (failure.kind === 'rate_limited') this.#notBeforeMs.set(method, Date.now() + failure.afterMs);
      throw new SlackError(method, failure);
    }
  }

  /** For what only reads. @throws RetryLater, LoginRefused, SlackError for what Slack refuses for good */
  async read<Schema extends v.GenericSchema>(
    method: string,
    schema: Schema,
    args: Record<string, unknown> = {},
  ): Promise<v.InferOutput<Schema>> {
    try {
      return await this.call(method, schema, args);
    } catch (error) {
      throw readingError(error);
    }
  }

  #client(): WebClient {
    return new WebClient(this.#token, {
      slackApiUrl: this.#apiUrl,
      logger,
      timeout: timeoutMs,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      // workerd knows no `redirect: 'error'`, and `fetch` must not be called as somebody's method.
      fetch: (url, init) => fetch(url, { ...(init as RequestInit), redirect: 'manual' }),
    });
  }
}

function parseAnswer<Schema extends v.GenericSchema>(
  method: string,
  schema: Schema,
  answer: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, answer);
  if (result.success) return result.output;
  const path = v.getDotPath(result.issues[0]) ?? 'answer';
  throw new SlackError(method, { kind: 'unknown', reason: `unexpected answer: ${path}` });
}

function failureOf(error: unknown): SlackFailure {
  switch ((error as { code?: unknown }).code) {
    case ErrorCode.PlatformError:
      return { kind: 'refused', code: (error as WebAPIPlatformError).data.error };
    case ErrorCode.RateLimitedError:
      return { kind: 'rate_limited', afterMs: (error as WebAPIRateLimitedError).retryAfter * 1000 };
    case ErrorCode.HTTPError:
      return { kind: 'unknown', reason: `status ${(error as WebAPIHTTPError).statusCode}` };
    default:
      return { kind: 'unknown', reason: error instanceof Error ? error.name : 'no answer' };
  }
}
