import type { MxcUri } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { DiscordAttachment, DiscordSticker } from '../discord-message.ts';
import { plainName } from './names.ts';
import { escapeHtml } from './render-html.ts';

const spoilerPrefix = 'SPOILER_';

export function attachmentContent(attachment: DiscordAttachment, url: MxcUri, isVoice: boolean): JsonObject {
  const mimetype = mimetypeOf(attachment);
  const name = nameOf(attachment);
  const isSpoiler = attachment.filename.startsWith(spoilerPrefix);
  const { width: w, height: h, duration_secs: durationS, size, description } = attachment;
  const durationMs = durationS ? Math.round(durationS * 1000) : undefined;
  return {
    msgtype: msgtypeOf(mimetype),
    body: description || name,
    filename: name,
    url,
    info: {
      mimetype,
      ...(size > 0 ? { size } : {}),
      ...(w && h ? { w, h } : {}),
      ...(durationMs ? { duration: durationMs } : {}),
    },
    ...(isSpoiler ? { 'page.codeberg.everypizza.msc4193.spoiler': true } : {}),
    ...(isVoice
      ? { 'org.matrix.msc3245.voice': {}, 'org.matrix.msc1767.audio': { duration: durationMs ?? 0 } }
      : {}),
  };
}

/** Stands for a file that could not be brought over. The link works for about a day. */
export function attachmentLink(attachment: DiscordAttachment): JsonObject {
  const name = nameOf(attachment);
  return {
    msgtype: 'm.text',
    body: `📎 ${name}: ${attachment.url}`,
    format: 'org.matrix.custom.html',
    formatted_body: `📎 <a href="${escapeHtml(attachment.url)}">${escapeHtml(name)}</a>`,
    'm.mentions': {},
  };
}

export function stickerContent(sticker: DiscordSticker, url: MxcUri, mimetype: string): JsonObject {
  return { body: plainName(sticker.name), url, info: { mimetype, w: 160, h: 160 } };
}

export function mimetypeOf({ content_type: type }: DiscordAttachment): string {
  return /^[\w.+-]+\/[\w.+-]+/.exec(type ?? '')?.[0] ?? 'application/octet-stream';
}

function nameOf({ filename, title }: DiscordAttachment): string {
  return plainName(title || filename.replace(spoilerPrefix, '')) || 'file';
}

function msgtypeOf(mimetype: string): string {
  const [kind] = mimetype.split('/');
  return kind === 'image' || kind === 'video' || kind === 'audio' ? `m.${kind}` : 'm.file';
}
