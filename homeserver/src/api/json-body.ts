import { notJson, tooLarge } from '../../../matrix/errors.ts';
import { isWithinDepth } from '../../../matrix/json.ts';
import { limits } from '../../../matrix/limits.ts';
import { readLimitedBody } from '../../../platform/limited-body.ts';

/**
 * Reads a JSON body within the size limit, counted while it streams (a `Content-Length` may lie).
 * An empty body is read as `{}`: many clients send none where all members are optional.
 */
export async function readJsonBody(
  request: Request,
  maxBytes: number = limits.maxRequestBytes,
): Promise<unknown> {
  const text = await readText(request, maxBytes);
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notJson();
  }
  if (!isWithinDepth(value, limits.maxJsonDepth)) throw notJson('The body is nested too deeply');
  return value;
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const body = await readLimitedBody(request, maxBytes);
  if (!body) throw tooLarge(`The body is over ${maxBytes} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    throw notJson('The body is not UTF-8');
  }
}
