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
import type { SendOutcome } from '../../core/send-outcome.ts';
import { nameOfEmoji } from '../convert/emoji.ts';
import { eventToSlack, type SlackPart } from '../convert/event-to-slack.ts';
import { messageToMatrix } from '../convert/message-to-matrix.ts';
import { slackLogin } from '../login/slack-login.ts';
import { type SlackEnv, slackApiUrl } from '../slack-env.ts';
import { parseMessage } from '../slack-message.ts';
import { addReaction, deleteMessage, removeReaction, updateMessage } from './change-message.ts';
import { chatInfo } from './chat-info.ts';
import { fetchSlackFile } from './fetch-file.ts';
import { fileToMatrix } from './file-to-matrix.ts';
import { findSent } from './find-sent.ts';
import { fetchMessage, recentEvents } from './history.ts';
import { markRead } from './mark-read.ts';
import { postText } from './post-text.ts';
import { uploadFile } from './upload-file.ts';
import { userInfo } from './user-info.ts';
import { usergroupName } from './usergroups.ts';
import { SlackWebApi } from './web-api.ts';

/** What every step of a login's work needs. */
export interface SlackSession {
  api: SlackWebApi;
  token: string;
  apiUrl: string;
  appId: string;
  teamId: string;
  userId: string;
  teamUrl: string;
}

export function openSession(env: SlackEnv, login: Login): SlackSession {
  const { token, appId, teamId, userId, teamUrl } = slackLogin(login);
  const apiUrl = slackApiUrl(env);
  return { api: new SlackWebApi(token, apiUrl), token, apiUrl, appId, teamId, userId, teamUrl };
}

/** A person's login to a workspace: sees what they see and posts as them. */
export class SlackClient implements NetworkClient {
  readonly loginId: LoginId;
  readonly remoteUserId: RemoteUserId | undefined;
  readonly #session: SlackSession;

  constructor(env: SlackEnv, login: Login) {
    this.loginId = login.loginId;
    this.remoteUserId = login.remoteUserId;
    this.#session = openSession(env, login);
  }

  getChatInfo(chatId: RemoteChatId) {
    return chatInfo(this.#session, chatId);
  }

  getUserInfo(userId: RemoteUserId) {
    return userInfo(this.#session, userId);
  }

  async convertMessage({ raw, sentParts = [] }: RawMessage, context: RemoteConversion) {
    const message = parseMessage(raw);
    if (!message) throw new Error('not a message of Slack');
    return messageToMatrix({
      teamId: this.#session.teamId,
      message,
      sentParts,
      context,
      usergroupName: (id) => usergroupName(this.#session, id),
      convertFile: (file) => fileToMatrix(this.#session, message, file, context),
    });
  }

  convertEvent(event: OutgoingEvent, context: MatrixConversion): Promise<OutgoingPart[]> {
    return eventToSlack(event, context) as Promise<OutgoingPart[]>;
  }

  send(part: OutgoingPart, target: SendTarget, context: MatrixConversion): Promise<SendOutcome> {
    const slackPart = part as SlackPart;
    return slackPart.kind === 'text'
      ? postText(this.#session, slackPart, target)
      : uploadFile(this.#session, slackPart, target, context);
  }

  findSent(
    part: OutgoingPart,
    target: SendTarget,
    sinceMs: number,
    isKnown: (messageId: RemoteMessageId) => boolean,
  ) {
    return findSent(this.#session, part as SlackPart, target, sinceMs, isKnown);
  }

  readonly edits = {
    edit: (messageIds: RemoteMessageId[], parts: OutgoingPart[], target: SendTarget) =>
      updateMessage(this.#session, messageIds, parts as SlackPart[], target),
  };

  readonly removals = {
    remove: (messageId: RemoteMessageId) => deleteMessage(this.#session, messageId),
  };

  readonly reactions = {
    emojiOf: nameOfEmoji,
    add: (messageId: RemoteMessageId, emoji: string, _target: ChangeTarget) =>
      addReaction(this.#session, messageId, emoji),
    remove: (messageId: RemoteMessageId, emoji: string, _target: ChangeTarget) =>
      removeReaction(this.#session, messageId, emoji),
  };

  readonly receipts = {
    markRead: (chatId: RemoteChatId, upTo: RemoteMessageId) => markRead(this.#session, chatId, upTo),
  };

  readonly avatars = {
    load: (url: string): Promise<MediaUpload> => fetchSlackFile(this.#session, url, { maxBytes: 5_000_000 }),
  };

  readonly history = {
    recent: (chatId: RemoteChatId, limit: number) => recentEvents(this.#session, chatId, limit),
    fetch: (messageId: RemoteMessageId) => fetchMessage(this.#session, messageId),
  };
}
