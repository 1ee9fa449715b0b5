import type { ClientEvent } from '../../matrix/events.ts';
import type { EventId, MxcUri, RoomId, UserId } from '../../matrix/identifiers.ts';
import type { JsonObject } from '../../matrix/json.ts';
import type { ConvertedMessage } from './converted-message.ts';
import type { RemoteEvent, RemoteMessage } from './remote-event.ts';
import type { LoginId, PartId, RemoteChatId, RemoteMessageId, RemoteUserId } from './remote-ids.ts';
import type { ChangeOutcome, FindOutcome, SendOutcome } from './send-outcome.ts';

/**
 * One login's way to its network. Made by `NetworkConnector.loadLogin` whenever an object needs it: it holds
 * credentials and no state worth keeping. What every network has are methods; what some lack are optional
 * members, and what is absent is neither offered to clients nor attempted.
 *
 * All run inside the lane of a portal (one at a time there), may take up to 30 s, and must bound every
 * request they make. Reading methods throw `RetryLater` if asking again may help, `LoginRefused` if the
 * credentials are dead, anything else if it never will.
 */
export interface NetworkClient {
  readonly loginId: LoginId;
  /** Who the login is on the network; `undefined` for one that speaks for nobody, like a relaying bot. */
  readonly remoteUserId: RemoteUserId | undefined;

  getChatInfo(chatId: RemoteChatId): Promise<RemoteChatInfo>;
  getUserInfo(userId: RemoteUserId): Promise<RemoteUserInfo>;

  /** Network → Matrix. Pure but for look-ups and media. Called again for the same event after a crash. */
  convertMessage(message: RawMessage, context: RemoteConversion): Promise<ConvertedMessage>;

  /**
   * Matrix → network: the posts that an event becomes, in order. Must give the same for the same event.
   * @throws Refusal for what the network cannot carry
   */
  convertEvent(event: OutgoingEvent, context: MatrixConversion): Promise<OutgoingPart[]>;
  /**
   * Posts one part, so that `mark` can be found on it afterwards.
   * @note Never repeats by itself what may have been accepted.
   */
  send(part: OutgoingPart, target: SendTarget, context: MatrixConversion): Promise<SendOutcome>;
  /**
   * Looks for our post of this part, made at `sinceMs` or later. `absent` must be certain.
   * @param isKnown whether a message is in the map already, so that it cannot be the one that is looked for
   */
  findSent(
    part: OutgoingPart,
    target: SendTarget,
    sinceMs: number,
    isKnown: (messageId: RemoteMessageId) => boolean,
  ): Promise<FindOutcome>;

  readonly edits?: {
    /** @param parts of the new content, as `convertEvent` made them; `messageIds` those of the old parts */
    edit(messageIds: RemoteMessageId[], parts: OutgoingPart[], target: SendTarget): Promise<ChangeOutcome>;
  };
  readonly removals?: { remove(messageId: RemoteMessageId, target: ChangeTarget): Promise<ChangeOutcome> };
  readonly reactions?: {
    /** The network's name for a Matrix reaction key; `undefined` if it has no such emoji. */
    emojiOf(key: string): string | undefined;
    /** One that is there already is success. */
    add(messageId: RemoteMessageId, emoji: string, target: ChangeTarget): Promise<ChangeOutcome>;
    /** One that is gone already is success. */
    remove(messageId: RemoteMessageId, emoji: string, target: ChangeTarget): Promise<ChangeOutcome>;
  };
  readonly receipts?: { markRead(chatId: RemoteChatId, upTo: RemoteMessageId): Promise<void> };
  readonly typing?: { setTyping(chatId: RemoteChatId, isTyping: boolean): Promise<void> };
  /** Pictures of users, chats and single messages, by the URLs that the connector gave. */
  readonly avatars?: { load(url: string): Promise<MediaUpload> };
  readonly history?: {
    /** The newest messages, oldest first, edits and reactions applied as events of their own. */
    recent(chatId: RemoteChatId, limit: number): Promise<RemoteEvent[]>;
    /** One message, for a change that arrived without it; `undefined` if it is gone. */
    fetch(messageId: RemoteMessageId): Promise<RemoteMessage | undefined>;
  };
}

export interface RawMessage {
  chatId: RemoteChatId;
  messageId: RemoteMessageId;
  raw: JsonObject;
  /** The parts that are in the room already, which may come back as `isKept`. */
  sentParts?: readonly PartId[];
}

export interface RemoteUserInfo {
  name: string;
  /** Given to `avatars.load` when `avatarId`, or without one the URL, has changed. */
  avatarUrl?: string;
  avatarId?: string;
  isBot?: boolean;
}

export type RemoteChatKind = 'space' | 'channel' | 'group' | 'dm';

export interface RemoteChatInfo {
  kind: RemoteChatKind;
  name: string;
  topic?: string;
  avatarUrl?: string;
  avatarId?: string;
  /** The space that contains it. Its portal is made first. */
  parent?: RemoteChatId;
  /** Place among its siblings: compared as text, printable ASCII, at most 50 characters. */
  order?: string;
  /** Link into the network's own client. */
  externalUrl?: string;
  /** The others in a direct chat or small group, whose ghosts join at once. At most 20 are used. */
  members?: RemoteUserId[];
  /** Nothing can be posted here. */
  readOnly?: boolean;
}

/** An `m.room.message` or `m.sticker` on its way to the network, relations resolved. */
export interface OutgoingEvent {
  event: ClientEvent;
  /** For an edit `m.new_content`, else the content; without the reply fallback. */
  content: JsonObject;
  sender: MatrixSender;
}

export interface MatrixSender {
  userId: UserId;
  /** Whether the client's login is this user's own. If not, the message is relayed. */
  isLoginOwner: boolean;
  displayName: string;
  avatarUrl?: MxcUri;
}

/** One post, in the connector's own terms; plain JSON. */
export type OutgoingPart = JsonObject;

export interface ChangeTarget {
  chatId: RemoteChatId;
  sender: MatrixSender;
}

export interface SendTarget extends ChangeTarget {
  threadRoot?: RemoteMessageId;
  /** The message that this one answers, and the thread that one is in. */
  replyTo?: { messageId: RemoteMessageId; threadRoot?: RemoteMessageId };
  /** 24 characters of `[0-9a-f]`, a hash of the Matrix event id and the part's number. */
  mark: string;
}

/** What a conversion to Matrix may ask of the core. */
export interface RemoteConversion {
  /** The ghost, or the Matrix user who is logged in as this remote user. */
  userIdOf(userId: RemoteUserId): Promise<UserId>;
  /** Name to show for a mention. Asks the network if it is not known yet. */
  displayNameOf(userId: RemoteUserId): Promise<string>;
  /** Another chat's room, if it is bridged. */
  chat(chatId: RemoteChatId): Promise<{ roomId: RoomId; name: string } | undefined>;
  /** First event of a bridged message, in this chat. */
  eventIdOf(messageId: RemoteMessageId): EventId | undefined;
  roomId: RoomId;
  /** Server name for `via` of links. */
  serverName: string;
  upload(media: MediaUpload): Promise<MxcUri>;
}

export interface MediaUpload {
  body: ReadableStream<Uint8Array> | Uint8Array;
  /** Of a stream, if the network tells. */
  sizeBytes?: number;
  contentType: string;
  fileName?: string;
}

/** What a conversion from Matrix may ask of the core. */
export interface MatrixConversion {
  /** The remote user behind a ghost, or behind a Matrix user who is logged in. */
  remoteUserOf(userId: string): Promise<RemoteUserId | undefined>;
  /** By room id or alias. */
  remoteChatOf(room: string): Promise<RemoteChatId | undefined>;
  remoteMessageOf(eventId: string): RemoteMessageId | undefined;
  /** Authenticated download; the body has not been read. */
  download(mxc: string): Promise<Response>;
}

/** Thrown by `convertEvent`: the network cannot carry this. The sender sees `notice` on the message. */
export class Refusal extends Error {
  readonly notice: string;

  constructor(notice: string) {
    super(notice);
    this.name = 'Refusal';
    this.notice = notice;
  }
}
