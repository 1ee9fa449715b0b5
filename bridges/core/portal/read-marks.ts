import { errorText, log } from '../../../platform/log.ts';
import type { RemoteMessageId } from '../remote-ids.ts';
import type { PortalContext } from './portal-context.ts';

/** Networks want read marks seldom; a client sends one per message. */
const minIntervalMs = 5_000;

/** How far people have read, on its way to the network: the newest of each login, in memory only. */
export class ReadMarks {
  readonly #pending = new Map<string, RemoteMessageId>();
  #flushedMs = Number.NEGATIVE_INFINITY;

  note(loginId: string, messageId: RemoteMessageId): void {
    this.#pending.set(loginId, messageId);
  }

  /**
   * Tells the network what is noted, unless it was told something a moment ago.
   * @returns when to come again (epoch ms)
   */
  async flush({ chatId, logins, now }: PortalContext): Promise<number | undefined> {
    if (this.#pending.size === 0) return undefined;
    const dueMs = this.#flushedMs + minIntervalMs;
    if (now() < dueMs) return dueMs;
    this.#flushedMs = now();
    const marks = [...this.#pending];
    this.#pending.clear();
    for (const [loginId, messageId] of marks) {
      try {
        await (await logins.get(loginId)).client.receipts?.markRead(chatId, messageId);
      } catch (error) {
        log('warn', 'bridge.read_mark_lost', { chatId, error: errorText(error) });
      }
    }
    return undefined;
  }
}
