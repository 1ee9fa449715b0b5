import { emptyReply, type LoopbackRequest, type Reply } from '../loopback/loopback-server.ts';
import { parseMultipart } from '../loopback/multipart.ts';
import { mayReadFile } from './methods/files.ts';
import type { Simulation } from './slack-simulator.ts';

/** The upload URL of `files.getUploadURLExternal`: raw bytes, or one part of a form. It wants no token. */
export async function receiveUpload(
  simulation: Simulation,
  request: LoopbackRequest,
  uploadToken: string,
): Promise<Reply> {
  const upload = simulation.world.uploads.get(uploadToken);
  if (!upload || request.method !== 'POST') return emptyReply(404);
  const contentType = request.headers['content-type'] ?? '';
  const bytes = contentType.startsWith('multipart/form-data')
    ? (await parseMultipart(contentType, request.body)).find((part) => part.filename !== undefined)?.body
    : request.body;
  if (!bytes || bytes.length !== upload.length) return emptyReply(400);
  upload.bytes = bytes;
  return {
    kind: 'reply',
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: `OK - ${bytes.length}`,
  };
}

function html(text: string): Reply {
  return { kind: 'reply', status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: text };
}

/** `url_private` and `url_private_download`. Without a good token Slack redirects to its sign-in page, in HTML. */
export function downloadFile(simulation: Simulation, request: LoopbackRequest): Reply {
  const match = /^\/files-pri\/(T[0-9A-Z]+)-(F[0-9A-Z]+)\//.exec(request.url.pathname);
  const team = simulation.world.teams.get(match?.[1] ?? '');
  const file = team?.files.get(match?.[2] ?? '');
  if (!team || !file || file.deleted) return emptyReply(404);
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const token = simulation.world.tokens.get(bearer ?? '');
  const mayRead =
    token !== undefined &&
    token.teamId === team.id &&
    (token.kind === 'personal' || token.scopes.has('files:read')) &&
    mayReadFile({ token, team }, file);
  if (!mayRead) {
    const redirect = encodeURIComponent(request.url.pathname);
    return emptyReply(302, { location: `${simulation.world.origin}/signin?redir=${redirect}` });
  }
  if (file.servesHtml) return html('<!DOCTYPE html><title>Slack</title>');
  return {
    kind: 'reply',
    status: 200,
    headers: {
      'content-type': file.mimetype,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    },
    body: file.bytes,
  };
}
