import type { LoopbackRequest } from '../loopback/loopback-server.ts';
import { type FormPart, parseMultipart } from '../loopback/multipart.ts';
import { SlackApiError } from './slack-api-error.ts';

/** Arguments from the query, a form, a multipart form or JSON, whichever the caller chose. */
export async function readArguments(
  request: LoopbackRequest,
): Promise<{ args: Record<string, unknown>; files: FormPart[] }> {
  const args: Record<string, unknown> = Object.fromEntries(request.url.searchParams);
  const contentType = request.headers['content-type'] ?? '';
  if (request.body.length === 0) return { args, files: [] };
  if (contentType.startsWith('application/json'))
    return { args: { ...args, ...readJson(request.body) }, files: [] };
  if (contentType.startsWith('multipart/form-data')) {
    const parts = await parseMultipart(contentType, request.body);
    const fields = parts.filter((part) => part.filename === undefined);
    for (const field of fields) args[field.name] = field.body.toString();
    return { args, files: parts.filter((part) => part.filename !== undefined) };
  }
  for (const [name, value] of new URLSearchParams(request.body.toString())) args[name] = value;
  return { args, files: [] };
}

function readJson(body: Buffer): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed as Record<string, unknown>;
    }
  } catch {
    throw new SlackApiError('invalid_json');
  }
  throw new SlackApiError('json_not_object');
}
