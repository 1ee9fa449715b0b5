import type { UserId } from '../../../../matrix/identifiers.ts';
import { messagesOf } from '../../storage/room/events-for-admins.ts';
import type { RedactedEvents, UnsignedEvent } from '../room-policy-rpc.ts';
import type { AppendInput, AppendResult } from '../room-rpc.ts';
import type { Room } from './room.ts';

/** Redacts, in the user's own name, the newest of what they sent. Harmless to repeat: what is redacted stays so. */
export function redactEventsOf(
  room: Room,
  append: (input: AppendInput) => AppendResult | UnsignedEvent,
  sender: UserId,
  reason: string | undefined,
  limit: number,
): RedactedEvents {
  const unsigned: AppendInput[] = [];
  const failed: Record<string, string> = {};
  const targets = messagesOf(room.sqlite, sender, limit);
  for (const redacts of targets) {
    const content = reason === undefined ? {} : { reason };
    const redaction = { sender, type: 'm.room.redaction', content, redacts };
    const result = append(redaction);
    if (result.kind === 'unsigned') unsigned.push(redaction);
    if (result.kind === 'denied') failed[redacts] = result.error;
  }
  return { kind: 'redacted', events: targets.length, failed, unsigned };
}
