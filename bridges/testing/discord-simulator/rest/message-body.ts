import { invalidFormBody, requestTooLarge } from '../discord-api-error.ts';
import type { AllowedMentions } from '../operations/mentions.ts';
import { type NewMessage, newAttachment } from '../operations/messages.ts';
import type { Channel } from '../world.ts';
import type { RestCall } from './rest-call.ts';

interface AttachmentEntry {
  id?: string | number;
  filename?: string;
  description?: string;
}

const maxFileBytes = 10 * 1024 * 1024;
const maxRequestBytes = 25 * 1024 * 1024;
const maxFiles = 10;

/** @throws DiscordApiError 50035 for mentions allowed twice, as Discord does. */
function allowedMentions(body: RestCall['body']): { allowedMentions?: AllowedMentions } {
  const mentions = body.allowed_mentions as AllowedMentions | null | undefined;
  if (!mentions) return {};
  for (const kind of ['users', 'roles'] as const) {
    if (mentions.parse?.includes(kind) && (mentions[kind]?.length ?? 0) > 0) {
      throw invalidFormBody(
        'allowed_mentions',
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
      );
    }
  }
  return { allowedMentions: mentions };
}

/**
 * Stores the files of a multipart request (`files[n]`, described by `attachments[].id = n`) and keeps the attachments
 * that an edit names by id.
 */
function attachments(call: RestCall, channel: Channel, kept: readonly string[]): string[] {
  const total = call.files.reduce((sum, file) => sum + file.body.length, 0);
  if (total > maxRequestBytes || call.files.some((file) => file.body.length > maxFileBytes))
    throw requestTooLarge();
  if (call.files.length > maxFiles) {
    throw invalidFormBody('attachments', 'BASE_TYPE_MAX_LENGTH', 'Must be 10 or fewer in length.');
  }
  const entries = (call.body.attachments ?? []) as AttachmentEntry[];
  const stays = kept.filter((id) => entries.some((entry) => String(entry.id) === id));
  const added = call.files.map((file) => {
    const index = /^files?\[(\d+)\]$/.exec(file.name)?.[1];
    const entry = entries.find((candidate) => String(candidate.id) === index);
    return newAttachment(call.simulation, channel, {
      filename: entry?.filename ?? file.filename ?? 'unknown',
      bytes: file.body,
      contentType: file.contentType || 'application/octet-stream',
      ...(entry?.description ? { description: entry.description } : {}),
    }).id;
  });
  return [...stays, ...added];
}

/** What create-message and execute-webhook have in common. */
export function newMessageOf(call: RestCall, channel: Channel): Omit<NewMessage, 'author'> {
  const { body } = call;
  const embeds = body.embeds as Record<string, unknown>[] | null | undefined;
  const flags = body.flags as number | null | undefined;
  return {
    content: String(body.content ?? ''),
    attachmentIds: attachments(call, channel, []),
    tts: body.tts === true,
    ...(embeds ? { embeds } : {}),
    ...(flags ? { flags } : {}),
    ...allowedMentions(body),
  };
}

/** An edit: absent fields stay; `attachments` lists what stays, and a file without it is added. */
export function messageEditOf(call: RestCall, channel: Channel, kept: readonly string[]) {
  const { body } = call;
  const content = body.content;
  const embeds = body.embeds as Record<string, unknown>[] | null | undefined;
  const flags = body.flags;
  const changesAttachments = Array.isArray(body.attachments) || call.files.length > 0;
  const keptIds = Array.isArray(body.attachments)
    ? attachments(call, channel, kept)
    : [...kept, ...attachments(call, channel, [])];
  return {
    ...(content === undefined ? {} : { content: String(content ?? '') }),
    ...(embeds === undefined ? {} : { embeds: embeds ?? [] }),
    ...(typeof flags === 'number' ? { flags } : {}),
    ...(changesAttachments ? { attachmentIds: keptIds } : {}),
    ...allowedMentions(body),
  };
}
