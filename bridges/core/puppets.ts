import { and, eq } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { MxcUri, UserId } from '../../matrix/identifiers.ts';
import { puppets } from './d1-schema.ts';
import { asRemoteUserId, type RemoteUserId } from './remote-ids.ts';

/** A ghost and the profile it was last given. */
export interface Puppet {
  remoteUserId: RemoteUserId;
  userId: UserId;
  displayName: string;
  avatarId: string | undefined;
  avatarMxc: MxcUri | undefined;
  updatedMs: number;
}

/** The ghosts of one network. */
export class Puppets {
  readonly #db: DrizzleD1Database;
  readonly #network: string;

  constructor(db: DrizzleD1Database, network: string) {
    this.#db = db;
    this.#network = network;
  }

  get(remoteUserId: RemoteUserId): Promise<Puppet | undefined> {
    return this.#one(and(eq(puppets.network, this.#network), eq(puppets.remoteUserId, remoteUserId)));
  }

  byUser(userId: string): Promise<Puppet | undefined> {
    return this.#one(and(eq(puppets.network, this.#network), eq(puppets.userId, userId)));
  }

  async put(puppet: Puppet): Promise<void> {
    const values = {
      ...puppet,
      network: this.#network,
      avatarId: puppet.avatarId ?? null,
      avatarMxc: puppet.avatarMxc ?? null,
    };
    await this.#db
      .insert(puppets)
      .values(values)
      .onConflictDoUpdate({ target: [puppets.network, puppets.remoteUserId], set: values });
  }

  async #one(condition: ReturnType<typeof and>): Promise<Puppet | undefined> {
    const [row] = await this.#db.select().from(puppets).where(condition);
    return (
      row && {
        remoteUserId: asRemoteUserId(row.remoteUserId),
        userId: row.userId as UserId,
        displayName: row.displayName,
        avatarId: row.avatarId ?? undefined,
        avatarMxc: (row.avatarMxc ?? undefined) as MxcUri | undefined,
        updatedMs: row.updatedMs,
      }
    );
  }
}
