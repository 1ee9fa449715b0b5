import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import type { MatrixConversion, OutgoingEvent } from '../../core/network-client.ts';
import { Refusal } from '../../core/network-client.ts';
import { parseChatId, parseUserId } from '../slack-ids.ts';
import { htmlToRichText, pillTargets } from './html-to-rich-text.ts';
import { plainToRichText } from './plain-to-rich-text.ts';
import type { Inline, RichText } from './rich-text.ts';
import { textOfRichText } from './rich-text-to-text.ts';
import { splitRichText } from './split-rich-text.ts';

/** One post: a text, or a file with its caption. */
export type SlackPart =
  | { kind: 'text'; text: string; blocks: JsonObject[] }
  | {
      kind: 'file';
      mxc: string;
      fileName: string;
      contentType: string;
      sizeBytes: number | undefined;
      caption: { text: string; blocks: JsonObject[] } | undefined;
    };

const fileTypes = new Set(['m.image', 'm.video', 'm.audio', 'm.file']);
/** More would be a flood, not a message. */
const maxParts = 12;

/** A Matrix message as posts. Given the same event it gives the same ones. */
export async function eventToSlack(
  { event, content }: OutgoingEvent,
  context: MatrixConversion,
): Promise<SlackPart[]> {
  const msgtype = event.type === 'm.sticker' ? 'm.image' : content.msgtype;
  if (typeof msgtype === 'string' && fileTypes.has(msgtype)) return [await filePart(content, context)];
  switch (msgtype) {
    case 'm.text':
    case 'm.notice':
    case 'm.emote':
      return textParts(await richTextOf(content, context, msgtype === 'm.emote'));
    case 'm.location':
      return textParts(plainToRichText(locationText(content)));
    default:
      throw new Refusal(`Slack has nothing like ${typeof msgtype === 'string' ? msgtype : 'this message'}.`);
  }
}

function textParts(richText: RichText): SlackPart[] {
  const messages = splitRichText(richText);
  if (messages.length > maxParts) throw new Refusal('This message is too long for Slack.');
  return messages.map((message) => ({
    kind: 'text',
    text: textOfRichText(message),
    blocks: [message as unknown as JsonObject],
  }));
}

async function richTextOf(
  content: JsonObject,
  context: MatrixConversion,
  isEmote: boolean,
): Promise<RichText> {
  const { body, format, formatted_body: html } = content;
  const richText =
    format === 'org.matrix.custom.html' && typeof html === 'string'
      ? htmlToRichText(html, await pillResolver(html, context))
      : plainToRichText(typeof body === 'string' ? body : '');
  return isEmote ? italic(richText) : richText;
}

/** Slack's own `/me` carries no mark of ours, so an emote is what it looks like there. */
function italic({ elements }: RichText): RichText {
  const slanted = (inlines: Inline[]) =>
    inlines.map((inline): Inline => ({ ...inline, style: { ...inline.style, italic: true } }));
  return {
    type: 'rich_text',
    elements: elements.map((element) =>
      element.type === 'rich_text_section' ? { ...element, elements: slanted(element.elements) } : element,
    ),
  };
}

/** Looks up who and what the pills in a message lead to. */
async function pillResolver(
  html: string,
  context: MatrixConversion,
): Promise<(target: string) => Inline | undefined> {
  const inlines = new Map<string, Inline>();
  for (const target of pillTargets(html)) {
    if (target.startsWith('@')) {
      const user = await context.remoteUserOf(target);
      if (user) inlines.set(target, { type: 'user', user_id: parseUserId(user).userId });
    } else {
      const chat = await context.remoteChatOf(target);
      const channelId = chat && parseChatId(chat).channelId;
      if (channelId) inlines.set(target, { type: 'channel', channel_id: channelId });
    }
  }
  return (target) => inlines.get(target);
}

/** MSC2530: with a `filename` of its own, the body is a caption. */
async function filePart(content: JsonObject, context: MatrixConversion): Promise<SlackPart> {
  const { url, body, filename, info, msgtype } = content;
  if (typeof url !== 'string') throw new Refusal('Encrypted files cannot be carried over.');
  const name =
    typeof filename === 'string' && filename !== ''
      ? filename
      : typeof body === 'string' && body !== ''
        ? body
        : 'file';
  const hasCaption =
    typeof filename === 'string' && typeof body === 'string' && body !== '' && body !== filename;
  const details = isJsonObject(info) ? info : {};
  const [caption] = hasCaption ? textParts(await richTextOf(content, context, false)) : [];
  return {
    kind: 'file',
    mxc: url,
    fileName: withExtension(name.slice(0, 200), details.mimetype, msgtype),
    contentType: typeof details.mimetype === 'string' ? details.mimetype : 'application/octet-stream',
    sizeBytes: typeof details.size === 'number' ? details.size : undefined,
    caption: caption?.kind === 'text' ? { text: caption.text, blocks: caption.blocks } : undefined,
  };
}

const extensions: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
  'audio/ogg': 'ogg',
  'audio/mpeg': 'mp3',
};

/** Slack tells the type of a file by its name. */
function withExtension(name: string, mimetype: unknown, msgtype: unknown): string {
  if (/\.[A-Za-z0-9]{1,8}$/.test(name) || msgtype === 'm.file') return name;
  const extension = typeof mimetype === 'string' ? extensions[mimetype] : undefined;
  return extension ? `${name}.${extension}` : name;
}

function locationText({ geo_uri: geoUri, body }: JsonObject): string {
  const [, latitude, longitude] = /^geo:(-?[0-9.]{1,20}),(-?[0-9.]{1,20})/.exec(String(geoUri)) ?? [];
  if (latitude === undefined || longitude === undefined) return typeof body === 'string' ? body : 'Location';
  return `Location: https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}`;
}
