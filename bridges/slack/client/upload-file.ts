import * as v from 'valibot';
import { errorText } from '../../../platform/log.ts';
import type { MatrixConversion, SendTarget } from '../../core/network-client.ts';
import type { SendOutcome } from '../../core/send-outcome.ts';
import type { SlackPart } from '../convert/event-to-slack.ts';
import { isSlackId, isSlackTs, messageIdOf, parseChatId } from '../slack-ids.ts';
import { threadOf } from './post-text.ts';
import { sendFailure } from './send-failure.ts';
import type { SlackSession } from './slack-client.ts';
import { SlackError } from './slack-error.ts';

const urlSchema = v.object({
  upload_url: v.pipe(v.string(), v.url()),
  file_id: v.custom<string>(isSlackId, 'not an id'),
});

const sharesSchema = v.record(
  v.string(),
  v.array(v.object({ ts: v.custom<string>(isSlackTs, 'not a timestamp') })),
);

const fileSchema = v.object({
  file: v.object({
    shares: v.fallback(
      v.optional(v.object({ public: v.optional(sharesSchema), private: v.optional(sharesSchema) })),
      undefined,
    ),
  }),
});

const uploadTimeoutMs = 300_000;

/**
 * Posts a file in Slack's three steps: a place to put it, its bytes (without our token), and the post, which
 * alone is seen by others. Which message that became is told later: until then the outcome is `unknown`.
 */
export async function uploadFile(
  session: SlackSession,
  part: SlackPart & { kind: 'file' },
  target: SendTarget,
  context: MatrixConversion,
): Promise<SendOutcome> {
  const { channelId = '' } = parseChatId(target.chatId);
  const download = await context.download(part.mxc);
  const length = Number(download.headers.get('content-length') ?? part.sizeBytes ?? 0);
  if (!download.body || length <= 0) {
    await download.body?.cancel();
    return { kind: 'failed', reason: 'no_length', notice: 'The file is empty or cannot be read.' };
  }
  let fileId: string;
  try {
    const place = await session.api.call('files.getUploadURLExternal', urlSchema, {
      filename: part.fileName,
      length,
    });
    fileId = place.file_id;
    await putBytes(place.upload_url, download.body, length);
  } catch (error) {
    await download.body.cancel().catch(() => undefined);
    // Nobody has seen anything yet, so all of it may be done again.
    if (!(error instanceof SlackError)) return { kind: 'retry', afterMs: 5_000, reason: errorText(error) };
    const outcome = sendFailure(error);
    return outcome.kind === 'unknown' ? { kind: 'retry', afterMs: 5_000, reason: outcome.reason } : outcome;
  }
  try {
    await session.api.call('files.completeUploadExternal', v.object({}), {
      files: [{ id: fileId, title: part.fileName }],
      channel_id: channelId,
      ...threadOf(target),
      ...(part.caption ? { blocks: part.caption.blocks } : {}),
    });
  } catch (error) {
    return sendFailure(error);
  }
  const ts = await timestampOf(session, fileId, channelId);
  return ts === undefined
    ? { kind: 'unknown', reason: 'the file is not in the conversation yet' }
    : { kind: 'sent', messageId: messageIdOf(session.teamId, channelId, ts) };
}

async function putBytes(url: string, body: ReadableStream, length: number): Promise<void> {
  const { readable, writable } = new FixedLengthStream(length);
  const copied = body.pipeTo(writable);
  const response = await fetch(url, {
    method: 'POST',
    body: readable,
    headers: { 'content-type': 'application/octet-stream' },
    redirect: 'manual',
    signal: AbortSignal.timeout(uploadTimeoutMs),
  });
  await response.body?.cancel();
  await copied;
  if (!response.ok) throw new Error(`upload: status ${response.status}`);
}

async function timestampOf(
  session: SlackSession,
  fileId: string,
  channelId: string,
): Promise<string | undefined> {
  try {
    const { file } = await session.api.read('files.info', fileSchema, { file: fileId });
    const shares = file.shares?.public?.[channelId] ?? file.shares?.private?.[channelId];
    return shares?.[0]?.ts;
  } catch {
    return undefined;
  }
}
