import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { errorText, log } from '../../../platform/log.ts';
import type { PortalContext } from './portal-context.ts';

/**
 * Read marks and typing of people who are logged in here. Not queued: what is lost is made good by the next.
 * @returns when noted read marks are due (epoch ms), if not at once
 */
export async function carryEphemeral(
  portal: PortalContext,
  events: JsonObject[],
): Promise<number | undefined> {
  try {
    for (const event of events) {
      if (event.type === 'm.receipt' && isJsonObject(event.content))
        await noteReceipts(portal, event.content);
      if (event.type === 'm.typing' && isJsonObject(event.content)) await carryTyping(portal, event.content);
    }
    return await portal.readMarks.flush(portal);
  } catch (error) {
    log('warn', 'bridge.ephemeral_lost', { chatId: portal.chatId, error: errorText(error) });
    return undefined;
  }
}

async function noteReceipts(portal: PortalContext, content: JsonObject): Promise<void> {
  for (const { login, client } of await portal.logins.ofChat()) {
    if (!client.receipts) continue;
    const read = Object.entries(content).filter(([, receipts]) => hasRead(receipts, login.userId));
    const newest = read
      .flatMap(([eventId]) => portal.store.messages.ofEvent(eventId))
      .sort((a, b) => a.timestampMs - b.timestampMs)
      .at(-1);
    if (newest) portal.readMarks.note(login.loginId, newest.messageId);
  }
}

function hasRead(receipts: unknown, userId: string): boolean {
  if (!isJsonObject(receipts)) return false;
  return ['m.read', 'm.read.private'].some((type) => {
    const readers = receipts[type];
    return isJsonObject(readers) && Object.hasOwn(readers, userId);
  });
}

async function carryTyping(portal: PortalContext, content: JsonObject): Promise<void> {
  const typing = Array.isArray(content.user_ids) ? content.user_ids : [];
  for (const { login, client } of await portal.logins.ofChat()) {
    await client.typing?.setTyping(portal.chatId, typing.includes(login.userId));
  }
}
