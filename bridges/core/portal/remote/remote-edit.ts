import type { RoomId } from '../../../../matrix/identifiers.ts';
import { fitParts } from '../../fit-parts.ts';
import { hashOf } from '../../hash.ts';
import type { RemoteEdit } from '../../remote-event.ts';
import { done, type LaneResult } from '../lane-result.ts';
import type { OpenLogin } from '../login-cache.ts';
import type { PortalContext } from '../portal-context.ts';
import { actorFor } from '../senders.ts';
import type { MappedMessage } from '../storage/message-map.ts';
import { replacement } from './relations.ts';
import { remoteConversion } from './remote-conversion.ts';
import { sendNewPart, signed } from './remote-message.ts';
import { redactPart } from './remote-remove.ts';

/**
 * Compares the parts of the message as it is now with those in the room: changed ones are replaced, new ones
 * added, missing ones redacted. Equal ones are left alone, which also drops the echoes of our own edits.
 */
export async function remoteEdit(
  portal: PortalContext,
  open: OpenLogin,
  roomId: RoomId,
  edit: RemoteEdit,
): Promise<LaneResult> {
  const known = portal.store.messages.ofMessage(edit.messageId);
  if (known.length === 0) return { kind: 'park', waitsFor: edit.messageId };
  if (known.every((part) => part.removed)) return { kind: 'done', reason: 'removed' };
  if (known.some((part) => part.editedMs > edit.timestampMs)) return { kind: 'done', reason: 'overtaken' };
  const conversion = remoteConversion(portal, open, roomId);
  const sentParts = known.filter((part) => !part.removed).map((part) => part.part);
  const converted = await open.client.convertMessage({ ...edit, sentParts }, conversion);
  const parts = fitParts(converted.parts);
  for (const part of parts) {
    const old = known.find((candidate) => candidate.part === part.part);
    if (old?.removed || part.isKept) continue;
    const contentHash = hashOf(JSON.stringify(part.content));
    if (!old) {
      const sent = await sendNewPart(portal, open, roomId, part, {
        messageId: edit.messageId,
        sender: edit.sender,
        timestampMs: edit.timestampMs,
        threadRoot: known[0]?.threadRoot,
        replyTo: undefined,
        version: edit.version,
      });
      portal.store.messages.put(sent);
    } else if (old.contentHash !== contentHash) {
      await replacePart(portal, roomId, edit, old, part.content);
      portal.store.messages.setContentHash(edit.messageId, part.part, contentHash);
    }
  }
  for (const old of known) {
    const isGone = !parts.some((part) => part.part === old.part);
    if (isGone && !old.removed) await redactPart(portal, roomId, old, `edit ${edit.version}`);
  }
  portal.store.messages.setEdited(edit.messageId, edit.timestampMs);
  return done;
}

async function replacePart(
  portal: PortalContext,
  roomId: RoomId,
  edit: RemoteEdit,
  old: MappedMessage,
  content: Parameters<typeof replacement>[1],
): Promise<void> {
  const actor = actorFor(portal, old.sender);
  // Only its sender can edit an event, so there is nothing we could do.
  if (actor.userId !== old.sender) return;
  const txnId = hashOf(
    portal.bridge.connector.id,
    portal.chatId,
    edit.messageId,
    old.part,
    'edit',
    edit.version,
  );
  const replaced = signed(portal, actor, edit.sender, replacement(old.eventId, content));
  await actor.matrix.sendMessage(roomId, 'm.room.message', txnId, replaced, { ts: edit.timestampMs });
}
