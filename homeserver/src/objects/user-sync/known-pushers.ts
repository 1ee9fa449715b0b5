import type { Sqlite } from '../../../../platform/sqlite.ts';
import { activePushers } from '../../storage/user-sync/pushers.ts';

/** Which pushers are told anything: every event that notifies asks for them. A cache of the table. */
export class KnownPushers {
  readonly #sqlite: Sqlite;
  #active: readonly number[] | undefined;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** Called whenever a pusher is made, switched on or off, or deleted. */
  forget(): void {
    this.#active = undefined;
  }

  get active(): readonly number[] {
    this.#active ??= activePushers(this.#sqlite).map(({ pusher }) => pusher);
    return this.#active;
  }
}
