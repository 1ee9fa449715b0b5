import { notJson, tooLarge } from '../../../matrix/errors.ts';
import { limits } from '../../../matrix/limits.ts';

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
  if (!request.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(`The body is over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(Buffer.concat(chunks));
  } catch {
    throw notJson('The body is not UTF-8');
  }
}

function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.values(value).every((member) => isWithinDepth(member, depth - 1));
}
