import type { Sqlite } from '../../../../platform/sqlite.ts';
import { highestPosition, readStream, writeFloor } from '../../storage/user-sync/stream.ts';

/**
 * The user's stream of changes. Positions are made inside the write section that uses them and show in its
 * rows, so no counter is written: after a restart the highest one is found again. Where a row with a
 * position may be deleted, `keep` is called first, or the position would be given twice.
 */
export class Stream {
  /** Names this storage in tokens: a token with another tag is not ours. */
  readonly tag: string;
  readonly #sqlite: Sqlite;
  #last: number;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
    this.tag = readStream(sqlite).tag;
    this.#last = highestPosition(sqlite);
  }

  get last(): number {
    return this.#last;
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }

  keep(): void {
    writeFloor(this.#sqlite, this.#last);
  }
}
