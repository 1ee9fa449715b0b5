import * as v from 'valibot';
import { isSlackId, isSlackTs } from './slack-ids.ts';

/**
 * Slack's messages and files as far as the bridge reads them. Slack adds members at will, so unknown ones are
 * kept out, wrong ones are as if absent, and only what identifies a message is required.
 */

const text = (maxLength: number) =>
  v.fallback(v.optional(v.pipe(v.string(), v.maxLength(maxLength))), undefined);
const id = v.fallback(v.optional(v.custom<string>(isSlackId)), undefined);
const ts = v.custom<string>(isSlackTs, 'not a timestamp');
const number = v.fallback(v.optional(v.number()), undefined);

export const fileSchema = v.object({
  id: v.custom<string>(isSlackId, 'not an id'),
  name: text(1000),
  title: text(1000),
  mimetype: text(200),
  subtype: text(100),
  size: number,
  mode: text(100),
  file_access: text(100),
  url_private: text(4000),
  url_private_download: text(4000),
  permalink: text(4000),
  original_w: number,
  original_h: number,
  duration_ms: number,
  user: id,
});

export type SlackFile = v.InferOutput<typeof fileSchema>;

/** Blocks and attachments are read by their renderers, which take nothing for granted. */
const unknownList = v.fallback(v.optional(v.pipe(v.array(v.unknown()), v.maxLength(200))), undefined);

export const messageSchema = v.object({
  ts,
  type: text(100),
  subtype: text(100),
  user: id,
  bot_id: id,
  app_id: id,
  username: text(500),
  icons: v.fallback(v.optional(v.record(v.string(), v.unknown())), undefined),
  text: text(60_000),
  thread_ts: v.fallback(v.optional(ts), undefined),
  blocks: unknownList,
  attachments: unknownList,
  files: v.fallback(v.optional(v.array(fileSchema)), undefined),
  edited: v.fallback(v.optional(v.object({ user: id, ts })), undefined),
  metadata: v.fallback(
    v.optional(v.object({ event_type: v.string(), event_payload: v.record(v.string(), v.unknown()) })),
    undefined,
  ),
  reactions: v.fallback(
    v.optional(v.array(v.object({ name: v.string(), users: v.array(v.custom<string>(isSlackId)) }))),
    undefined,
  ),
});

export type SlackMessage = v.InferOutput<typeof messageSchema>;

export function parseMessage(value: unknown): SlackMessage | undefined {
  const result = v.safeParse(messageSchema, value);
  return result.success ? result.output : undefined;
}

/** `event_type` of the metadata by which our own posts are found again. */
export const markType = 'roost_message';

export function markOfMessage({ metadata }: SlackMessage): string | undefined {
  const mark = metadata?.event_type === markType ? metadata.event_payload.id : undefined;
  return typeof mark === 'string' && /^[0-9a-f]{24}$/.test(mark) ? mark : undefined;
}
