import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { findAccountData } from '../../storage/user-sync/account-data.ts';

interface Parsed {
  /** Position of its last change; 0 if it was never set. */
  position: number;
  content: JsonObject | undefined;
}

/** Parsed global account data, kept until it changes. A cache of the table. */
export class KnownAccountData {
  readonly #sqlite: Sqlite;
  readonly #parsed = new Map<string, Parsed>();
  #ignored: ReadonlySet<string> | undefined;
  #direct: ReadonlySet<string> | undefined;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** Forgets what it knows. Called whenever global account data is written. */
  forget(): void {
    this.#parsed.clear();
    this.#ignored = undefined;
    this.#direct = undefined;
  }

  get(type: string): Parsed {
    const known = this.#parsed.get(type);
    if (known) return known;
    const row = findAccountData(this.#sqlite, '', type);
    const parsed = {
      position: row?.position ?? 0,
      content: row && (JSON.parse(row.content) as JsonObject),
    };
    this.#parsed.set(type, parsed);
    return parsed;
  }

  /** Users whose messages and invitations are not shown ("Ignoring Users"). */
  get ignoredUsers(): ReadonlySet<string> {
    this.#ignored ??= new Set(Object.keys(objectOf(this.get('m.ignored_user_list').content?.ignored_users)));
    return this.#ignored;
  }

  /** Rooms that `m.direct` lists for anybody. */
  get directRooms(): ReadonlySet<string> {
    this.#direct ??= new Set(
      Object.values(this.get('m.direct').content ?? {}).flatMap((rooms) =>
        Array.isArray(rooms) ? rooms.filter((room) => typeof room === 'string') : [],
      ),
    );
    return this.#direct;
  }
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
