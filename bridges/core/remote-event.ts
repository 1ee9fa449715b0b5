import type { JsonObject } from '../../matrix/json.ts';
import type { RemoteChatInfo } from './network-client.ts';
import type { RemoteChatId, RemoteMessageId, RemoteUserId } from './remote-ids.ts';

/** Who did something on the network. */
export interface RemoteSender {
  userId: RemoteUserId;
  /**
   * Name and picture of this one message (webhooks, customised bots). The ghost of `userId` keeps its own
   * profile; the message carries these.
   */
  as?: { name: string; avatarUrl?: string };
}

interface InChat {
  chatId: RemoteChatId;
  /** When it happened on the network, epoch ms. */
  timestampMs: number;
}

/**
 * What happened in a chat, as plain JSON: it is queued in the portal's lane before the network is told that
 * it arrived, and converted there, when its turn comes. `raw` is the network's own form, which only the
 * connector reads (`NetworkClient.convertMessage`).
 */
export type RemoteEvent =
  | RemoteMessage
  | RemoteEdit
  | RemoteRemove
  | RemoteReaction
  | RemoteReactionRemove
  | RemoteReceipt
  | RemoteChatResync
  | RemoteChatGone;

export interface RemoteMessage extends InChat {
  kind: 'message';
  messageId: RemoteMessageId;
  sender: RemoteSender;
  /** The message that began the thread this one is in. Absent for that message itself. */
  threadRoot?: RemoteMessageId;
  replyTo?: RemoteMessageId;
  /** The mark that our own post carries (`OutgoingPart`), if this is one: settles the outbox. */
  mark?: string;
  raw: JsonObject;
}

export interface RemoteEdit extends InChat {
  kind: 'edit';
  messageId: RemoteMessageId;
  /** Differs for every edit of the message, the same when one is delivered again. */
  version: string;
  sender: RemoteSender;
  /** The message as it is now. */
  raw: JsonObject;
}

export interface RemoteRemove extends InChat {
  kind: 'remove';
  messageId: RemoteMessageId;
  /** Who removed it, if the network tells. */
  sender?: RemoteSender;
}

export interface RemoteReaction extends InChat {
  kind: 'reaction';
  messageId: RemoteMessageId;
  sender: RemoteSender;
  /** The network's name of the emoji: identity of the reaction together with message and sender. */
  emoji: string;
  /** What Matrix shows: a Unicode emoji, `:name:`, or the `mxc://` of a custom one. */
  key: string;
  /** Differs each time the same reaction is set. */
  version: string;
}

export interface RemoteReactionRemove extends InChat {
  kind: 'reactionRemove';
  messageId: RemoteMessageId;
  /** Absent: everybody's. */
  sender?: RemoteSender;
  /** Absent: every emoji. */
  emoji?: string;
  version: string;
}

/** Somebody who is logged in here has read up to a message. */
export interface RemoteReceipt extends InChat {
  kind: 'receipt';
  sender: RemoteSender;
  messageId: RemoteMessageId;
}

/**
 * The chat is there, or its name, topic, members or place changed: the portal brings the room into line with
 * `info`, or without it asks `getChatInfo`; a chat seen for the first time gets its room and its short history.
 */
export interface RemoteChatResync extends InChat {
  kind: 'chatResync';
  info?: RemoteChatInfo;
  /** The same for repeated deliveries of one change. */
  version: string;
}

/**
 * The chat was deleted, or the login can no longer see it. Its room stays, out of its space, if there was one;
 * a resync brings it back.
 */
export interface RemoteChatGone extends InChat {
  kind: 'chatGone';
  version: string;
}

/** The key under which an event is queued once, however often the network delivers it. */
export function dedupeKey(event: RemoteEvent): string {
  switch (event.kind) {
    case 'message':
      return messageKey(event.messageId);
    case 'edit':
      return `edit ${event.messageId} ${event.version}`;
    case 'remove':
      return `remove ${event.messageId}`;
    case 'reaction':
      return `reaction ${event.messageId} ${event.sender.userId} ${event.emoji} ${event.version}`;
    case 'reactionRemove':
      return `unreaction ${event.messageId} ${event.sender?.userId ?? '*'} ${event.emoji ?? '*'} ${event.version}`;
    case 'receipt':
      return `receipt ${event.sender.userId} ${event.messageId}`;
    case 'chatResync':
      return `chat ${event.version}`;
    case 'chatGone':
      return `gone ${event.version}`;
    default:
      return event satisfies never;
  }
}

/** Likewise, of a message that is not at hand. */
export function messageKey(messageId: RemoteMessageId): string {
  return `message ${messageId}`;
}
