import type { DueWork } from '../../../../platform/due-work.ts';
import { errorText, log } from '../../../../platform/log.ts';
import type { RoomFacts } from '../room-rpc.ts';
import { roomFacts } from './reading/room-facts.ts';
import type { Room } from './room.ts';

export type WriteIndex = (facts: RoomFacts) => Promise<void>;

/** Changes of these few seconds are written at once, by the alarm that deliveries have set anyway. */
const gatherMs = 8_000;
const retryMs = 5 * 60_000;

/** The due work `index`: after changes of its state the room writes its row in the index of rooms. */
export class RoomIndexWork {
  readonly #room: Room;
  readonly #dueWork: DueWork;
  readonly #write: WriteIndex;
  #underWay: Promise<void> = Promise.resolve();

  constructor(room: Room, dueWork: DueWork, write: WriteIndex) {
    this.#room = room;
    this.#dueWork = dueWork;
    this.#write = write;
  }

  /** State was stored. Part of the same transaction. */
  noteChange(nowMs: number): void {
    this.#dueWork.schedule('index', nowMs + gatherMs);
  }

  /** @returns when it is due again: the index is a copy, and its database may be away */
  async run(nowMs: number): Promise<number | undefined> {
    const { roomId } = this.#room;
    const written = this.#write(roomFacts(this.#room));
    this.#underWay = written.catch(() => undefined);
    try {
      await written;
      return undefined;
    } catch (error) {
      log('warn', 'room.index_failed', { roomId, error: errorText(error) });
      return nowMs + retryMs;
    }
  }

  /** Before the room is removed, so that no row of it comes after that. */
  async settled(): Promise<void> {
    await this.#underWay;
  }
}
