import { type Attachment, cdnSignature, type Message, type Reaction, type World } from '../world.ts';
import { renderThread } from './render-channel.ts';
import { renderAuthor, renderUser } from './render-user.ts';

const linkLifetimeS = 24 * 3600;

/** A CDN path with expiry and signature. Every fetch of a message gives fresh ones. */
export function signedCdnUrl(world: World, path: string): string {
  const issuedS = Math.floor(world.clock.nowMs() / 1000);
  const issued = issuedS.toString(16);
  const expires = (issuedS + linkLifetimeS).toString(16);
  return `${world.origin}/cdn${path}?ex=${expires}&is=${issued}&hm=${cdnSignature(world, path, expires, issued)}&`;
}

export function attachmentPath(attachment: Attachment): string {
  return `/attachments/${attachment.channelId}/${attachment.id}/${encodeURIComponent(attachment.filename)}`;
}

function pngSize(bytes: Buffer): { width: number; height: number } | undefined {
  if (bytes.length < 24 || bytes.readUInt32BE(0) !== 0x89504e47) return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

export function renderAttachment(world: World, attachment: Attachment): Record<string, unknown> {
  const url = signedCdnUrl(world, attachmentPath(attachment));
  return {
    id: attachment.id,
    filename: attachment.filename,
    size: attachment.bytes.length,
    url,
    proxy_url: url,
    ...pngSize(attachment.bytes),
    content_type: attachment.contentType,
    ...(attachment.description ? { description: attachment.description } : {}),
  };
}

function renderReaction(reaction: Reaction, viewerId: string | undefined): Record<string, unknown> {
  return {
    emoji: reaction.emoji,
    count: reaction.userIds.length,
    count_details: { burst: 0, normal: reaction.userIds.length },
    burst_colors: [],
    me_burst: false,
    me: viewerId !== undefined && reaction.userIds.includes(viewerId),
  };
}

function referencedMessage(world: World, message: Message, depth: number): Record<string, unknown> {
  const { reference } = message;
  if (!reference) return {};
  const rendered = {
    message_reference: {
      type: 0,
      channel_id: reference.channelId,
      ...(reference.messageId ? { message_id: reference.messageId } : {}),
      ...(reference.guildId ? { guild_id: reference.guildId } : {}),
    },
  };
  // Only replies and thread starters carry the message itself, and only one deep.
  if (depth > 0 || ![19, 21].includes(message.type) || !reference.messageId) return rendered;
  const target = world.channels.get(reference.channelId)?.messages.get(reference.messageId);
  return {
    ...rendered,
    referenced_message: target ? renderMessage(world, target, undefined, depth + 1) : null,
  };
}

/** A message with everything in it; who may not read content is decided by `without-content.ts`. */
export function renderMessage(
  world: World,
  message: Message,
  viewerId?: string,
  depth = 0,
): Record<string, unknown> {
  const thread = message.threadId ? world.channels.get(message.threadId) : undefined;
  return {
    id: message.id,
    channel_id: message.channelId,
    type: message.type,
    content: message.content,
    author: renderAuthor(world, message),
    mentions: message.mentionUserIds.flatMap((id) => {
      const user = world.users.get(id);
      return user ? [renderUser(user)] : [];
    }),
    mention_roles: message.mentionRoleIds,
    mention_everyone: message.mentionEveryone,
    attachments: message.attachmentIds.flatMap((id) => {
      const attachment = world.attachments.get(id);
      return attachment ? [renderAttachment(world, attachment)] : [];
    }),
    embeds: message.embeds,
    timestamp: message.timestamp,
    edited_timestamp: message.editedTimestamp,
    flags: message.flags,
    components: [],
    pinned: message.pinned,
    tts: message.tts,
    ...(message.author.kind === 'webhook' ? { webhook_id: message.author.id } : {}),
    ...(message.applicationId ? { application_id: message.applicationId } : {}),
    ...(message.nonce === undefined ? {} : { nonce: message.nonce }),
    ...(message.position === undefined ? {} : { position: message.position }),
    ...(message.reactions.length > 0 && depth === 0
      ? { reactions: message.reactions.map((reaction) => renderReaction(reaction, viewerId)) }
      : {}),
    ...referencedMessage(world, message, depth),
    ...(thread && depth === 0 ? { thread: renderThread(thread, viewerId) } : {}),
  };
}
