import type { Login } from '../../core/logins.ts';
import type {
  ChangeTarget,
  MatrixConversion,
  MediaUpload,
  NetworkClient,
  OutgoingEvent,
  OutgoingPart,
  RawMessage,
  RemoteConversion,
  SendTarget,
} from '../../core/network-client.ts';
import type { LoginId, RemoteChatId, RemoteMessageId, RemoteUserId } from '../../core/remote-ids.ts';
import { type DiscordPart, eventToDiscord } from '../convert/event-to-discord.ts';
import type { DiscordEnv } from '../discord-env.ts';
import { qualifiedEmoji } from '../emoji.ts';
import { errorCode } from '../rest/discord-error.ts';
import { parseChat, parseMessageName } from '../snowflake.ts';
import { fetchFromCdn } from './cdn.ts';
import { editPosts, removePost } from './change-post.ts';
import { chatInfo } from './chat-info.ts';
import { DiscordSession } from './discord-session.ts';
import { findPost } from './find-post.ts';
import { fetchMessage, recentEvents } from './history.ts';
import { messageToMatrix } from './message-to-matrix.ts';
import { changeOutcome } from './outcomes.ts';
import { sendPost } from './send-post.ts';
import { userInfo } from './user-info.ts';
import { Webhooks } from './webhooks.ts';

const maxAvatarBytes = 8 * 1024 * 1024;

/** A bot's login: it speaks for nobody itself and relays for everybody in the room. */
export class DiscordClient implements NetworkClient {
  readonly loginId: LoginId;
  readonly remoteUserId = undefined;
  readonly #session: DiscordSession;
  readonly #webhooks: Webhooks;

  constructor(env: DiscordEnv, login: Login) {
    this.loginId = login.loginId;
    this.#session = new DiscordSession(env, login);
    this.#webhooks = new Webhooks(this.#session);
  }

  getChatInfo(chatId: RemoteChatId) {
    return chatInfo(this.#session, chatId);
  }

  getUserInfo(userId: RemoteUserId) {
    return userInfo(this.#session, userId);
  }

  convertMessage(message: RawMessage, context: RemoteConversion) {
    return messageToMatrix(this.#session, message, context);
  }

  convertEvent(event: OutgoingEvent, context: MatrixConversion): Promise<OutgoingPart[]> {
    return eventToDiscord(event, context);
  }

  send(part: OutgoingPart, target: SendTarget, context: MatrixConversion) {
    return sendPost(this.#session, this.#webhooks, part as DiscordPart, target, context);
  }

  findSent(
    part: OutgoingPart,
    target: SendTarget,
    sinceMs: number,
    isKnown: (messageId: RemoteMessageId) => boolean,
  ) {
    return findPost(this.#session, part as DiscordPart, target, sinceMs, isKnown);
  }

  readonly edits = {
    edit: (messageIds: RemoteMessageId[], parts: OutgoingPart[], target: SendTarget) =>
      editPosts(this.#session, this.#webhooks, messageIds, parts as DiscordPart[], target),
  };

  readonly removals = {
    remove: (messageId: RemoteMessageId, { chatId }: ChangeTarget) =>
      removePost(this.#session, this.#webhooks, messageId, parseChat(chatId).id),
  };

  readonly reactions = {
    emojiOf: qualifiedEmoji,
    add: (name: RemoteMessageId, emoji: string) => {
      const { channelId, messageId } = parseMessageName(name);
      return changeOutcome(this.#session.api.addMyMessageReaction(channelId, messageId, emoji));
    },
    remove: (name: RemoteMessageId, emoji: string) => {
      const { channelId, messageId } = parseMessageName(name);
      const { unknownMessage, unknownEmoji } = errorCode;
      const removed = this.#session.api.deleteMyMessageReaction(channelId, messageId, emoji);
      return changeOutcome(removed, unknownMessage, unknownEmoji);
    },
  };

  readonly typing = {
    setTyping: async (chatId: RemoteChatId, isTyping: boolean): Promise<void> => {
      if (isTyping) await this.#session.api.triggerTypingIndicator(parseChat(chatId).id);
    },
  };

  readonly avatars = {
    load: (url: string): Promise<MediaUpload> =>
      fetchFromCdn(this.#session.env, url, { maxBytes: maxAvatarBytes }),
  };

  readonly history = {
    recent: (chatId: RemoteChatId, limit: number) => recentEvents(this.#session, chatId, limit),
    fetch: (messageId: RemoteMessageId) => fetchMessage(this.#session, messageId),
  };
}
