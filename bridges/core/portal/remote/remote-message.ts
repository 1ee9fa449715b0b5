import type { RoomId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { ConvertedPart } from '../../converted-message.ts';
import { fitParts } from '../../fit-parts.ts';
import { hashOf } from '../../hash.ts';
import type { RemoteMessage, RemoteSender } from '../../remote-event.ts';
import { done, type LaneResult } from '../lane-result.ts';
import type { OpenLogin } from '../login-cache.ts';
import type { PortalContext } from '../portal-context.ts';
import { type Actor, actAs } from '../senders.ts';
import type { NewMapping } from '../storage/message-map.ts';
import { relation } from './relations.ts';
import { remoteConversion } from './remote-conversion.ts';

/** A message goes into the room once: known ones, our own coming back included, are dropped. */
export async function remoteMessage(
  portal: PortalContext,
  open: OpenLogin,
  roomId: RoomId,
  message: RemoteMessage,
): Promise<LaneResult> {
  const { messages, outbox, lane } = portal.store;
  if (message.mark !== undefined && outbox.knows(message.mark)) return { kind: 'done', reason: 'echo' };
  if (messages.ofMessage(message.messageId).length === 0) {
    await ensureThreadRoot(portal, open, roomId, message);
    await sendParts(portal, open, roomId, message);
  }
  lane.release(message.messageId);
  return done;
}

/** A reply in a thread that began before the room did brings the beginning along. */
async function ensureThreadRoot(
  portal: PortalContext,
  open: OpenLogin,
  roomId: RoomId,
  { threadRoot }: RemoteMessage,
): Promise<void> {
  if (threadRoot === undefined || portal.store.messages.ofMessage(threadRoot).length > 0) return;
  const root = await open.client.history?.fetch(threadRoot);
  if (root && root.threadRoot === undefined) await remoteMessage(portal, open, roomId, root);
}

/**
 * Each part that arrives is remembered, but known as the message's only with the last: after a crash in
 * between the missing ones follow, and as the same user, whoever may be acted as by then.
 */
async function sendParts(
  portal: PortalContext,
  open: OpenLogin,
  roomId: RoomId,
  message: RemoteMessage,
): Promise<void> {
  const { messages } = portal.store;
  const { messageId, sender, timestampMs, threadRoot, replyTo } = message;
  const arrived = messages.arriving(messageId).map(({ part }) => part);
  let actor = messages.arriving(messageId)[0]?.sender;
  const conversion = remoteConversion(portal, open, roomId);
  const converted = await open.client.convertMessage({ ...message, sentParts: arrived }, conversion);
  const parts = fitParts(converted.parts);
  const missing = parts.filter(({ part }) => !arrived.includes(part));
  for (const part of missing) {
    const origin = { messageId, sender, timestampMs, threadRoot, replyTo, version: '', actor };
    const sent = await sendNewPart(portal, open, roomId, part, origin);
    actor = sent.sender;
    if (part === missing.at(-1)) messages.put(sent);
    else messages.putArriving(sent);
  }
  if (parts.length > 1) messages.setArrived(messageId);
}

export interface NewPart {
  messageId: RemoteMessage['messageId'];
  sender: RemoteSender;
  timestampMs: number;
  threadRoot: RemoteMessage['threadRoot'] | undefined;
  replyTo: RemoteMessage['replyTo'] | undefined;
  /** Of the edit that brought the part; `''` for one that was there from the beginning. */
  version: string;
  /** The Matrix user who sent the parts before it. */
  actor?: string | undefined;
}

/** Sends one part. The transaction id makes a repetition after a crash the same event. */
export async function sendNewPart(
  portal: PortalContext,
  open: OpenLogin,
  roomId: RoomId,
  part: ConvertedPart,
  origin: NewPart,
): Promise<NewMapping> {
  const relates = relation(
    portal.store.messages,
    part.outsideThread ? { replyTo: origin.threadRoot ?? origin.replyTo } : origin,
  );
  const content = { ...part.content, ...(relates ? { 'm.relates_to': relates } : {}) };
  const txnId = hashOf(
    portal.bridge.connector.id,
    portal.chatId,
    origin.messageId,
    part.part,
    'message',
    origin.version,
  );
  const [eventId, sender] = await actAs(
    portal,
    open.client,
    origin.sender,
    roomId,
    async (actor) =>
      [
        await actor.matrix.sendMessage(
          roomId,
          part.type,
          txnId,
          signed(portal, actor, origin.sender, content),
          {
            ts: origin.timestampMs,
          },
        ),
        actor.userId,
      ] as const,
    origin.actor,
  );
  return {
    messageId: origin.messageId,
    part: part.part,
    eventId,
    sender,
    threadRoot: origin.threadRoot,
    contentHash: hashOf(JSON.stringify(part.content)),
    timestampMs: origin.timestampMs,
    removed: false,
  };
}

/** Marks what we send as a person, so that it is not carried back, and names a sender of one message. */
export function signed(
  portal: PortalContext,
  actor: Actor,
  sender: RemoteSender | undefined,
  content: JsonObject,
): JsonObject {
  return {
    ...content,
    ...(actor.isPerson ? { 'fi.mau.double_puppet_source': portal.bridge.connector.id } : {}),
    ...(sender?.as
      ? { 'com.beeper.per_message_profile': { id: hashOf(sender.as.name), displayname: sender.as.name } }
      : {}),
  };
}
