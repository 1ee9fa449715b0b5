import type { RoomId } from '../../../../matrix/identifiers.ts';
import { errorText, log } from '../../../../platform/log.ts';
import type { RemoteEvent } from '../../remote-event.ts';
import { ensureRoom } from '../ensure-room.ts';
import { done, type LaneResult } from '../lane-result.ts';
import type { OpenLogin } from '../login-cache.ts';
import type { PortalContext } from '../portal-context.ts';
import { isTransient } from '../transient.ts';
import { chatGone } from './chat-gone.ts';
import { chatResync } from './chat-resync.ts';
import { remoteEdit } from './remote-edit.ts';
import { remoteMessage } from './remote-message.ts';
import { remoteReaction, remoteReactionRemove } from './remote-reaction.ts';
import { remoteReceipt } from './remote-receipt.ts';
import { remoteRemove } from './remote-remove.ts';

/** Network → Matrix: the room first, with its short history, then the event. */
export async function handleRemoteEvent(
  portal: PortalContext,
  open: OpenLogin,
  event: RemoteEvent,
): Promise<LaneResult> {
  if (event.kind === 'chatGone') return chatGone(portal, open, event);
  const isResync = event.kind === 'chatResync';
  const isNew = !portal.store.facts.get().roomReady;
  const roomId = await ensureRoom(portal, open, isResync ? event.info : undefined);
  await ensureHistory(portal, open, roomId);
  if (isNew && isResync) return done;
  return applyRemoteEvent(portal, open, roomId, event);
}

async function applyRemoteEvent(
  portal: PortalContext,
  open: OpenLogin,
  roomId: RoomId,
  event: RemoteEvent,
): Promise<LaneResult> {
  switch (event.kind) {
    case 'message':
      return remoteMessage(portal, open, roomId, event);
    case 'edit':
      return remoteEdit(portal, open, roomId, event);
    case 'remove':
      return remoteRemove(portal, roomId, event);
    case 'reaction':
      return remoteReaction(portal, open, roomId, event);
    case 'reactionRemove':
      return remoteReactionRemove(portal, roomId, event);
    case 'receipt':
      return remoteReceipt(portal, roomId, event);
    case 'chatResync':
      return chatResync(portal, open, roomId, event);
    case 'chatGone':
      return chatGone(portal, open, event);
    default:
      return event satisfies never;
  }
}

/**
 * The newest messages, before the first live one. One that cannot be converted is skipped: history is not
 * worth holding up what is new.
 */
async function ensureHistory(portal: PortalContext, open: OpenLogin, roomId: RoomId): Promise<void> {
  const { facts } = portal.store;
  const { initialHistory } = portal.bridge.connector.capabilities;
  if (facts.get().historyDone) return;
  if (open.client.history && initialHistory > 0) {
    for (const event of await open.client.history.recent(portal.chatId, initialHistory)) {
      try {
        await applyRemoteEvent(portal, open, roomId, event);
      } catch (error) {
        if (isTransient(error)) throw error;
        log('warn', 'bridge.history_skipped', { chatId: portal.chatId, error: errorText(error) });
      }
    }
  }
  facts.setHistoryDone();
}
