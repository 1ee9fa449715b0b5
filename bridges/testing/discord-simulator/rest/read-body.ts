import type { LoopbackRequest } from '../../loopback/loopback-server.ts';
import { type FormPart, parseMultipart } from '../../loopback/multipart.ts';
import { DiscordApiError } from '../discord-api-error.ts';

/** The JSON of a request: its body, or the `payload_json` of a multipart form beside `files[n]`. */
export async function readBody(
  request: LoopbackRequest,
): Promise<{ body: Record<string, unknown>; files: FormPart[] }> {
  const contentType = request.headers['content-type'] ?? '';
  if (request.body.length === 0) return { body: {}, files: [] };
  if (!contentType.startsWith('multipart/form-data')) return { body: parse(request.body), files: [] };
  const parts = await parseMultipart(contentType, request.body);
  const payload = parts.find((part) => part.name === 'payload_json');
  const fields = parts.filter((part) => part.filename === undefined && part !== payload);
  const body = payload
    ? parse(payload.body)
    : Object.fromEntries(fields.map((field) => [field.name, field.body.toString()]));
  return { body, files: parts.filter((part) => part.filename !== undefined && part !== payload) };
}

function parse(bytes: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(bytes.toString()) as Record<string, unknown>;
  } catch {
    throw new DiscordApiError(400, 50109, 'The request body contains invalid JSON.');
  }
}
