import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { type MatrixConversion, type OutgoingEvent, Refusal } from '../../core/network-client.ts';
import { parseChat, parseUserName, type Snowflake } from '../snowflake.ts';
import { escapeMarkdown } from './escape-markdown.ts';
import { plainName } from './names.ts';
import { parseHtml } from './parse-html.ts';
import { type Pill, pillsIn } from './pills.ts';
import { renderMarkdown } from './render-markdown.ts';
import { maxContentChars, splitContent } from './split-content.ts';

/** One post on Discord. */
export type DiscordPart =
  | { kind: 'text'; content: string; mentions: Snowflake[] }
  | {
      kind: 'file';
      mxc: string;
      fileName: string;
      contentType: string;
      content: string;
      mentions: Snowflake[];
    };

/** Discord's limit without boosts. */
export const maxFileBytes = 10 * 1024 * 1024;
/** Room for what is put before a text: whom it answers, and as the bot who says it. */
const replyChars = 300;
const nameChars = 100;
const maxHtmlChars = 65_536;
/** What one post may name at most. */
const maxMentions = 100;

/** @throws Refusal for what Discord cannot show */
export async function eventToDiscord(
  { event, content }: OutgoingEvent,
  context: MatrixConversion,
): Promise<DiscordPart[]> {
  const mentions = await mentionedUsers(content, context);
  const msgtype = event.type === 'm.sticker' ? 'm.image' : content.msgtype;
  switch (msgtype) {
    case 'm.image':
    case 'm.file':
    case 'm.video':
    case 'm.audio':
      return [await filePart(content, mentions, context)];
    case 'm.location':
      return texts(
        `📍 ${escapeMarkdown(textField(content.body))}\n${locationLink(content)}`,
        mentions,
        content,
      );
    default: {
      const text = await markdownOf(content, context);
      return texts(msgtype === 'm.emote' ? emphasised(text) : text, mentions, content);
    }
  }
}

function texts(text: string, mentions: Snowflake[], content: JsonObject): DiscordPart[] {
  const isReply = isJsonObject(content['m.relates_to']);
  const limit = maxContentChars - nameChars - (isReply ? replyChars : 0);
  return splitContent(text, limit).map((part) => ({ kind: 'text', content: part, mentions }));
}

async function filePart(
  content: JsonObject,
  mentions: Snowflake[],
  context: MatrixConversion,
): Promise<DiscordPart> {
  const { url } = content;
  if (typeof url !== 'string') throw new Refusal('Encrypted files cannot be carried over to Discord.');
  const info = isJsonObject(content.info) ? content.info : {};
  if (typeof info.size === 'number' && info.size > maxFileBytes) {
    throw new Refusal('The file is too large for Discord, which takes 10 MiB.');
  }
  const body = textField(content.body);
  const fileName = textField(content.filename) || body;
  const isSpoiler = content['page.codeberg.everypizza.msc4193.spoiler'] === true;
  const caption = fileName === body ? '' : await markdownOf(content, context);
  return {
    kind: 'file',
    mxc: url,
    fileName: (isSpoiler ? 'SPOILER_' : '') + safeFileName(fileName),
    contentType: typeof info.mimetype === 'string' ? info.mimetype : 'application/octet-stream',
    content: splitContent(caption, maxContentChars - nameChars - replyChars)[0] ?? '',
    mentions,
  };
}

async function markdownOf(content: JsonObject, context: MatrixConversion): Promise<string> {
  const html = content.formatted_body;
  const isHtml = content.format === 'org.matrix.custom.html' && typeof html === 'string';
  if (!isHtml || html.length > maxHtmlChars) return escapeMarkdown(textField(content.body));
  const root = parseHtml(html);
  const known = new Map<string, string | undefined>();
  for (const pill of pillsIn(root).slice(0, maxMentions)) {
    const key = JSON.stringify(pill);
    if (!known.has(key)) known.set(key, await pillText(pill, context));
  }
  return renderMarkdown(root, (pill) => known.get(JSON.stringify(pill)));
}

async function pillText(pill: Pill, context: MatrixConversion): Promise<string | undefined> {
  switch (pill.kind) {
    case 'user': {
      const userId = await context.remoteUserOf(pill.userId);
      return userId && `<@${parseUserName(userId)}>`;
    }
    case 'room': {
      const chatId = await context.remoteChatOf(pill.room);
      const chat = chatId && parseChat(chatId);
      return chat?.kind === 'channel' ? `<#${chat.id}>` : undefined;
    }
    case 'event':
      return undefined;
    default:
      return pill satisfies never;
  }
}

/** Only whom the sender meant to mention is pinged, whatever the text says. */
async function mentionedUsers(content: JsonObject, context: MatrixConversion): Promise<Snowflake[]> {
  const mentions = content['m.mentions'];
  const userIds = isJsonObject(mentions) && Array.isArray(mentions.user_ids) ? mentions.user_ids : [];
  const found = new Set<Snowflake>();
  for (const userId of userIds.slice(0, maxMentions)) {
    const remote = typeof userId === 'string' ? await context.remoteUserOf(userId) : undefined;
    if (remote) found.add(parseUserName(remote));
  }
  return [...found];
}

function emphasised(text: string): string {
  return text.includes('\n') || text.includes('```') ? text : `*${text}*`;
}

function locationLink({ geo_uri: uri }: JsonObject): string {
  const match = /^geo:(-?[0-9.]{1,20}),(-?[0-9.]{1,20})/.exec(textField(uri));
  if (!match) return '';
  return `https://www.openstreetmap.org/?mlat=${match[1]}&mlon=${match[2]}`;
}

function textField(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Without ways out of a directory, and within what Discord keeps. */
function safeFileName(name: string): string {
  const plain = plainName(name)
    .replace(/[/\\:*?"<>|]/g, '_')
    .replace(/^\.+/, '');
  return plain.slice(-200) || 'file';
}
