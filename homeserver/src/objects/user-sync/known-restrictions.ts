import type { Sqlite } from '../../../../platform/sqlite.ts';
import { deleteRestriction, listRestrictions, putRestriction } from '../../storage/user-sync/restrictions.ts';
import type { Restrictions } from '../user-sync-rpc.ts';

/** Restrictions of the user, kept in memory since every request asks for them. */
export class KnownRestrictions {
  readonly #sqlite: Sqlite;
  #current: Restrictions;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
    const kinds = listRestrictions(sqlite);
    this.#current = { locked: kinds.includes('locked'), suspended: kinds.includes('suspended') };
  }

  get current(): Restrictions {
    return this.#current;
  }

  change(changes: Partial<Restrictions>): Restrictions {
    const next = { ...this.#current, ...changes };
    for (const kind of ['locked', 'suspended'] as const) {
      if (next[kind]) putRestriction(this.#sqlite, kind);
      else deleteRestriction(this.#sqlite, kind);
    }
    this.#current = next;
    return next;
  }
}
