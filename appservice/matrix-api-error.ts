import { isJsonObject } from '../matrix/json.ts';

/**
 * A call of the client-server API that did not succeed. `status` is 0 if no answer came: then `errcode` is
 * `M_CONNECTION_FAILED` or `M_CONNECTION_TIMEOUT`, and whether the call took effect is not known. Repeating
 * one with the same transaction id settles that.
 */
export class MatrixApiError extends Error {
  readonly status: number;
  readonly errcode: string;
  /** The server's text, without the operation that `message` names too. */
  readonly error: string;
  readonly retryAfterMs: number | undefined;

  constructor(operation: string, status: number, errcode: string, error: string, retryAfterMs?: number) {
    super(`${operation}: ${status} ${errcode}: ${error}`);
    this.name = 'MatrixApiError';
    this.status = status;
    this.errcode = errcode;
    this.error = error;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same call may succeed later. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Longest error body that is looked at; a proxy's HTML page can be long. */
const maxErrorChars = 10_000;

export async function readMatrixApiError(operation: string, response: Response): Promise<MatrixApiError> {
  const text = (await response.text()).slice(0, maxErrorChars);
  const body = parseObject(text);
  const errcode = typeof body.errcode === 'string' ? body.errcode : 'M_UNKNOWN';
  const error = typeof body.error === 'string' ? body.error : 'not a Matrix error response';
  return new MatrixApiError(operation, response.status, errcode, error, retryAfterMs(response, body));
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function retryAfterMs(response: Response, body: Record<string, unknown>): number | undefined {
  const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  if (seconds >= 0) return seconds * 1000;
  return typeof body.retry_after_ms === 'number' && body.retry_after_ms >= 0
    ? body.retry_after_ms
    : undefined;
}
