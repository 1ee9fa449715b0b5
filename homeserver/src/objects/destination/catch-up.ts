import type { RoomId } from '../../../../matrix/identifiers.ts';
import { errorText, log } from '../../../../platform/log.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { roomsBehind, writeRoom } from '../../storage/destination/rooms.ts';
import type { LatestEvents } from '../destination-rpc.ts';
import type { TransactionQueue } from './transaction-queue.ts';

const roomsAtOnce = 20;

/**
 * Brings a server up to date that was away for long: room by room it is told the latest events, and asks for what it
 * lacks itself.
 */
export class CatchUp {
  readonly #sqlite: Sqlite;
  readonly #queue: TransactionQueue;
  readonly #latestOf: (roomId: RoomId) => Promise<LatestEvents>;
  /** Rooms being asked, unless they went on meanwhile. */
  readonly #asked = new Set<RoomId>();

  constructor(sqlite: Sqlite, queue: TransactionQueue, latestOf: (roomId: RoomId) => Promise<LatestEvents>) {
    this.#sqlite = sqlite;
    this.#queue = queue;
    this.#latestOf = latestOf;
  }

  /** The room went on: what it answers now may be too old. */
  noteDelta({ roomId }: { roomId: RoomId }): void {
    this.#asked.delete(roomId);
  }

  /** Queues the latest events of some rooms that are behind; those that go on meanwhile are behind still. */
  async queueSome(): Promise<void> {
    const rooms = roomsBehind(this.#sqlite, roomsAtOnce);
    await Promise.all(rooms.map((roomId) => this.#queueRoom(roomId)));
  }

  async #queueRoom(roomId: RoomId): Promise<void> {
    this.#asked.add(roomId);
    try {
      const { position, pdus } = await this.#latestOf(roomId);
      if (!this.#asked.delete(roomId)) return;
      this.#sqlite.transaction(() => {
        for (const pdu of pdus) this.#queue.addPdu(roomId, pdu);
        writeRoom(this.#sqlite, roomId, { position, isBehind: false });
      });
    } catch (error) {
      log('warn', 'destination.catch_up_failed', { roomId, error: errorText(error) });
    }
  }
}
