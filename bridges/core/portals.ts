import { and, eq } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { RoomId } from '../../matrix/identifiers.ts';
import { portalLogins, portals } from './d1-schema.ts';
import type { RemoteChatKind } from './network-client.ts';
import { asChatId, type LoginId, type RemoteChatId } from './remote-ids.ts';

export interface PortalEntry {
  chatId: RemoteChatId;
  roomId: RoomId;
  kind: RemoteChatKind;
  parent: RemoteChatId | undefined;
  name: string;
}

/** The directory of one network's portals: which room stands for which chat. */
export class Portals {
  readonly #db: DrizzleD1Database;
  readonly #network: string;

  constructor(db: DrizzleD1Database, network: string) {
    this.#db = db;
    this.#network = network;
  }

  byRoom(roomId: string): Promise<PortalEntry | undefined> {
    return this.#one(and(eq(portals.network, this.#network), eq(portals.roomId, roomId)));
  }

  byChat(chatId: RemoteChatId): Promise<PortalEntry | undefined> {
    return this.#one(and(eq(portals.network, this.#network), eq(portals.chatId, chatId)));
  }

  async ofLogin(loginId: LoginId): Promise<PortalEntry[]> {
    const takesPart = and(
      eq(portalLogins.network, portals.network),
      eq(portalLogins.chatId, portals.chatId),
      eq(portalLogins.loginId, loginId),
    );
    const rows = await this.#db
      .select({ portal: portals })
      .from(portals)
      .innerJoin(portalLogins, takesPart)
      .where(eq(portals.network, this.#network))
      .orderBy(portals.chatId);
    return rows.map((row) => entry(row.portal));
  }

  async put(portal: PortalEntry, nowMs: number): Promise<void> {
    const { parent, ...rest } = portal;
    const values = { ...rest, parentChatId: parent ?? null, network: this.#network, createdMs: nowMs };
    const { createdMs: _, ...changed } = values;
    await this.#db
      .insert(portals)
      .values(values)
      .onConflictDoUpdate({ target: [portals.network, portals.chatId], set: changed });
  }

  async addLogin(chatId: RemoteChatId, loginId: LoginId): Promise<void> {
    await this.#db
      .insert(portalLogins)
      .values({ network: this.#network, chatId, loginId })
      .onConflictDoNothing();
  }

  async removeLogin(chatId: RemoteChatId, loginId: LoginId): Promise<void> {
    const is = and(
      eq(portalLogins.network, this.#network),
      eq(portalLogins.chatId, chatId),
      eq(portalLogins.loginId, loginId),
    );
    await this.#db.delete(portalLogins).where(is);
  }

  async #one(condition: ReturnType<typeof and>): Promise<PortalEntry | undefined> {
    const [row] = await this.#db.select().from(portals).where(condition);
    return row && entry(row);
  }
}

function entry(row: typeof portals.$inferSelect): PortalEntry {
  return {
    chatId: asChatId(row.chatId),
    roomId: row.roomId as RoomId,
    kind: row.kind as RemoteChatKind,
    parent: row.parentChatId === null ? undefined : asChatId(row.parentChatId),
    name: row.name,
  };
}
