import * as v from 'valibot';
import { DiscordError, readingError } from './discord-error.ts';

export interface RestClientOptions {
  /** Like `https://discord.com/api/v10`. */
  apiUrl: string;
  /** Absent: only calls whose token is in their path. */
  botToken?: string;
  /** Where this bridge is to be found: Discord asks for it in the User-Agent. */
  ownUrl: string;
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** A path, and its template, which alone may be told to others. */
export interface RestPath {
  path: string;
  template: string;
  /** Calls of one template are limited apart by the first id in the path (channel, guild or webhook). */
  major: string;
}

/** Percent-encodes what is put in: restPath`/channels/${id}/messages`. */
export function restPath(texts: TemplateStringsArray, ...values: string[]): RestPath {
  return {
    path: texts.reduce((whole, text, at) => whole + encodeURIComponent(values[at - 1] ?? '') + text),
    template: texts.join('{}'),
    major: values[0] ?? '',
  };
}

export interface RestCall {
  query?: Record<string, string | undefined>;
  json?: unknown;
  form?: FormData;
  /** The token is in the path: the bot's stays at home. */
  isWebhook?: boolean;
}

/** Workers let POSTs hang although Discord acted (workerd#7936): every call has an end. */
const timeoutMs = 12_000;
const uploadTimeoutMs = 28_000;
const version = '0.1.0';

const limitSchema = v.object({
  retry_after: v.optional(v.number(), 1),
  global: v.optional(v.boolean(), false),
});
const errorSchema = v.object({ code: v.optional(v.number(), 0) });

/**
 * Discord's REST API. Each call is made once; repeating is the lane's. What Discord said about limits is kept,
 * so that the next call of the kind is not made in vain: refused calls count towards a ban.
 */
export class RestClient {
  readonly #options: RestClientOptions;
  /** Kind of call → when Discord will take it again. */
  readonly #notBeforeMs = new Map<string, number>();

  constructor(options: RestClientOptions) {
    this.#options = options;
  }

  /** For what changes something. @throws DiscordError */
  async call<Schema extends v.GenericSchema>(
    method: string,
    target: RestPath,
    schema: Schema,
    call: RestCall = {},
  ): Promise<v.InferOutput<Schema>> {
    const name = `${method} ${target.template}`;
    const limit = `${name} ${target.major}`;
    this.#expectAllowed(name, limit);
    const response = await this.#fetch(name, method, target, call);
    this.#noteLimits(limit, response);
    const body = await readBody(name, response);
    if (response.ok) return parse(name, schema, body);
    throw this.#refusal(name, limit, response, body);
  }

  /** For what only reads. @throws RetryLater, LoginRefused, DiscordError for what is refused for good */
  async read<Schema extends v.GenericSchema>(
    target: RestPath,
    schema: Schema,
    call: RestCall = {},
  ): Promise<v.InferOutput<Schema>> {
    try {
      return await this.call('GET', target, schema, call);
    } catch (error) {
      throw readingError(error);
    }
  }

  #expectAllowed(name: string, limit: string): void {
    const notBeforeMs = Math.max(this.#notBeforeMs.get('*') ?? 0, this.#notBeforeMs.get(limit) ?? 0);
    const afterMs = notBeforeMs - Date.now();
    if (afterMs > 0) throw new DiscordError(name, { kind: 'rate_limited', afterMs, scope: 'remembered' });
  }

  async #fetch(name: string, method: string, { path }: RestPath, call: RestCall): Promise<Response> {
    const { apiUrl, botToken, ownUrl } = this.#options;
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(call.query ?? {}))
      if (value !== undefined) query.set(key, value);
    const headers: Record<string, string> = { 'user-agent': `DiscordBot (${ownUrl}, ${version})` };
    if (botToken && !call.isWebhook) headers.authorization = `Bot ${botToken}`;
    if (call.json !== undefined) headers['content-type'] = 'application/json';
    const init: RequestInit = {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(call.form ? uploadTimeoutMs : timeoutMs),
      ...(call.form
        ? { body: call.form }
        : call.json === undefined
          ? {}
          : { body: JSON.stringify(call.json) }),
    };
    try {
      const url = `${apiUrl}${path}${query.size > 0 ? `?${query}` : ''}`;
      return await (this.#options.fetch ? this.#options.fetch(url, init) : fetch(url, init));
    } catch (error) {
      throw noAnswer(name, error);
    }
  }

  #noteLimits(limit: string, { headers }: Response): void {
    if (headers.get('x-ratelimit-remaining') !== '0') return;
    const afterS = Number.parseFloat(headers.get('x-ratelimit-reset-after') ?? '');
    if (afterS > 0) this.#notBeforeMs.set(limit, Date.now() + afterS * 1_000);
  }

  #refusal(name: string, limit: string, { status, headers }: Response, body: unknown): DiscordError {
    if (status === 429) {
      const answer = v.safeParse(limitSchema, body);
      // Cloudflare, in front of Discord, answers with a page: then nothing at all is welcome for a while.
      const isGlobal = answer.success ? answer.output.global : true;
      const afterS = answer.success ? answer.output.retry_after : Number(headers.get('retry-after')) || 60;
      const afterMs = Math.ceil(afterS * 1_000);
      this.#notBeforeMs.set(isGlobal ? '*' : limit, Date.now() + afterMs);
      const scope = headers.get('x-ratelimit-scope') ?? (isGlobal ? 'global' : 'user');
      return new DiscordError(name, { kind: 'rate_limited', afterMs, scope });
    }
    if (status >= 500 || status < 400) {
      return new DiscordError(name, { kind: 'unknown', reason: `status ${status}` });
    }
    const answer = v.safeParse(errorSchema, body);
    return new DiscordError(name, { kind: 'refused', status, code: answer.success ? answer.output.code : 0 });
  }
}

/** `undefined` for an empty body or one that is not JSON. */
async function readBody(name: string, response: Response): Promise<unknown> {
  try {
    const text = await response.text();
    return text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw noAnswer(name, error);
  }
}

function noAnswer(name: string, error: unknown): DiscordError {
  return new DiscordError(name, {
    kind: 'unknown',
    reason: error instanceof Error ? error.name : 'no answer',
  });
}

function parse<Schema extends v.GenericSchema>(
  name: string,
  schema: Schema,
  body: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const path = v.getDotPath(result.issues[0]) ?? 'answer';
  throw new DiscordError(name, { kind: 'unknown', reason: `unexpected answer: ${path}` });
}
