import type { ClientEvent } from '../../../../matrix/events.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import { markOf } from '../../hash.ts';
import type { LaneResult } from '../lane-result.ts';
import type { PortalContext } from '../portal-context.ts';
import { changeResult, unsupported } from './change-result.ts';
import { matrixConversion } from './matrix-conversion.ts';
import type { Speaker } from './pick-login.ts';
import { hashOfAnswer } from './post-part.ts';

export async function matrixEdit(
  portal: PortalContext,
  { open, sender }: Speaker,
  event: ClientEvent,
  editedEventId: string,
): Promise<LaneResult> {
  const { edits } = open.client;
  if (!edits) return unsupported('An edit');
  const old = portal.store.messages.ofEvent(editedEventId).filter((message) => !message.removed);
  const [first] = old;
  if (!first)
    return { kind: 'dead', reason: 'unknown_target', notice: 'The edited message is not on the network.' };
  // Ghosts' messages belong to others there; the room's power levels cannot say so.
  if (first.sender !== event.sender) return { kind: 'done', reason: 'edit of another one’s message' };
  const content = event.content['m.new_content'];
  if (!isJsonObject(content)) return { kind: 'done', reason: 'no new content' };
  const parts = await open.client.convertEvent({ event, content, sender }, matrixConversion(portal));
  const outcome = await edits.edit(
    old.map((message) => message.messageId),
    parts,
    {
      chatId: portal.chatId,
      sender,
      mark: markOf(event.event_id, 0),
      ...(first.threadRoot ? { threadRoot: first.threadRoot } : {}),
    },
  );
  if (outcome.kind === 'done') {
    const contentHash = await hashOfAnswer(portal, open, first.messageId, outcome.raw);
    if (contentHash) portal.store.messages.setContentHash(first.messageId, first.part, contentHash);
  }
  return changeResult(outcome);
}
