import type { DueWork } from '../../../../../platform/due-work.ts';
import { readPurgedUpTo, writePurgedUpTo } from '../../../storage/room/purged-events.ts';
import type { ReceivedEvent } from '../../room-rpc.ts';
import type { Stubs } from '../../stubs.ts';
import type { Room } from '../room.ts';
import { dropCopies } from './purge-messages.ts';
import { applyRetention, firstPurgeMs, planRetention, roomLifetimeMs } from './retention.ts';

/** The due work `retention`. A room whose messages stay for ever never has it, nor one without messages. */
export class RetentionWork {
  readonly #room: Room;
  readonly #stubs: Stubs;
  readonly #dueWork: DueWork;
  /** Nothing changes with further messages: none ever goes, or the work is due when the oldest does. */
  #isSettled = false;

  constructor(room: Room, stubs: Stubs, dueWork: DueWork) {
    this.#room = room;
    this.#stubs = stubs;
    this.#dueWork = dueWork;
  }

  /** An event was stored. Part of the same transaction. @param mayChangeRules it may be `m.room.retention` */
  noteEvent(mayChangeRules: boolean, nowMs: number): void {
    if (!this.#room.config.retention || (this.#isSettled && !mayChangeRules)) return;
    const dueMs = firstPurgeMs(this.#room);
    if (dueMs !== undefined) this.#dueWork.schedule('retention', Math.max(dueMs, nowMs));
    this.#isSettled = dueMs !== undefined || roomLifetimeMs(this.#room) === undefined;
  }

  /** Older events were found; they may lie before what was purged already. */
  noteHistory(results: readonly ReceivedEvent[], nowMs: number): void {
    const positions = results.flatMap((result) => (result.kind === 'accepted' ? [result.position] : []));
    if (positions.length === 0) return;
    const before = Math.min(...positions) - 1;
    if (before < readPurgedUpTo(this.#room.sqlite)) writePurgedUpTo(this.#room.sqlite, before);
    this.noteEvent(true, nowMs);
  }

  /** @returns when it is due again */
  async run(nowMs: number): Promise<number | undefined> {
    // What comes meanwhile asks for itself.
    this.#isSettled = false;
    const { positions, nextMs } = planRetention(this.#room, nowMs);
    await dropCopies(this.#room, this.#stubs, positions);
    this.#room.sqlite.transaction(() => applyRetention(this.#room, positions, nowMs));
    this.#isSettled ||= nextMs !== undefined;
    return nextMs;
  }
}
