import * as v from 'valibot';
import type { JsonObject } from '../../../matrix/json.ts';
import { errorText, log } from '../../../platform/log.ts';
import type { RemoteConversion } from '../../core/network-client.ts';
import { RetryLater } from '../../core/send-outcome.ts';
import { escapeHtml, isSafeUrl } from '../convert/html-text.ts';
import { msOfTs } from '../slack-ids.ts';
import { fileSchema, type SlackFile, type SlackMessage } from '../slack-message.ts';
import { fetchSlackFile } from './fetch-file.ts';
import type { SlackSession } from './slack-client.ts';

export const maxFileBytes = 100 * 1024 * 1024;
/** How long after its message a file may still be on its way into Slack. */
const notReadyMs = 60_000;

/** A file as a Matrix message: uploaded, or if it cannot be had a note with a link. */
export async function fileToMatrix(
  session: SlackSession,
  message: SlackMessage,
  shown: SlackFile,
  context: RemoteConversion,
): Promise<JsonObject> {
  if (shown.mode === 'tombstone') return note('A file that was deleted in Slack', undefined);
  if (shown.mode === 'hidden_by_limit')
    return note('A file that is beyond the limits of the workspace', undefined);
  const file = shown.file_access === 'check_file_info' ? await wholeFile(session, shown) : shown;
  const name = file.name ?? file.title ?? 'file';
  const url = file.url_private_download ?? file.url_private;
  if (!url || file.mode === 'external') return note(name, file.permalink ?? file.url_private);
  if ((file.size ?? 0) > maxFileBytes) return note(`${name} (too large)`, file.permalink);
  try {
    const media = await fetchSlackFile(session, url, {
      maxBytes: maxFileBytes,
      fileName: name,
      ...(file.mimetype ? { contentType: file.mimetype } : {}),
    });
    return describe(file, name, await context.upload(media));
  } catch (error) {
    const isNew = Date.now() - msOfTs(message.ts) < notReadyMs;
    if (isNew) throw new RetryLater(3_000, errorText(error));
    if (error instanceof RetryLater) throw error;
    log('warn', 'slack.file_failed', { file: file.id, error: errorText(error) });
    return note(name, file.permalink);
  }
}

/** Files of shared channels are shown in messages by their id alone. */
async function wholeFile(session: SlackSession, file: SlackFile): Promise<SlackFile> {
  const answer = await session.api.read('files.info', v.object({ file: fileSchema }), { file: file.id });
  return answer.file;
}

function describe(file: SlackFile, name: string, url: string): JsonObject {
  const mimetype = file.mimetype ?? 'application/octet-stream';
  const isVoice = file.subtype === 'slack_audio';
  return {
    msgtype: msgtypeOf(mimetype),
    body: name,
    filename: name,
    url,
    info: {
      mimetype,
      ...(file.size === undefined ? {} : { size: file.size }),
      ...(file.original_w && file.original_h
        ? { w: Math.round(file.original_w), h: Math.round(file.original_h) }
        : {}),
      ...(file.duration_ms ? { duration: Math.round(file.duration_ms) } : {}),
    },
    ...(isVoice ? { 'org.matrix.msc3245.voice': {} } : {}),
  };
}

function msgtypeOf(mimetype: string): string {
  const [kind] = mimetype.split('/');
  return kind === 'image' || kind === 'video' || kind === 'audio' ? `m.${kind}` : 'm.file';
}

function note(what: string, link: string | undefined): JsonObject {
  const body = `📎 ${what}`;
  if (!link || !isSafeUrl(link)) return { msgtype: 'm.notice', body };
  return {
    msgtype: 'm.notice',
    body: `${body} (${link})`,
    format: 'org.matrix.custom.html',
    formatted_body: `📎 <a href="${escapeHtml(link)}">${escapeHtml(what)}</a>`,
  };
}
