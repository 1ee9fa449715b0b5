import type { ReceiverHandlers } from '../../appservice/receiver.ts';
import type { Transaction } from '../../appservice/transactions.ts';
import type { ClientEvent } from '../../matrix/events.ts';
import type { JsonObject } from '../../matrix/json.ts';
import type { Bridge } from './bridge.ts';
import type { BridgeEnv } from './bridge-env.ts';
import { isOwnUser } from './ghost-names.ts';
import type { PortalRpc } from './portal-rpc.ts';
import { portalOf } from './portal-stub.ts';

/**
 * Takes transactions of the homeserver: each event goes to the lane of its portal, and only when all are
 * durable there is the transaction acknowledged. Repeated ones are known by their events' ids.
 */
export function appserviceHandlers(bridge: Bridge): ReceiverHandlers {
  return {
    transaction: (transaction) => distribute(bridge, transaction),
    queryUser: async (userId) => (await bridge.puppets.byUser(userId)) !== undefined,
  };
}

async function distribute(bridge: Bridge, transaction: Transaction): Promise<void> {
  const events = transaction.events.filter((event) => !isOurs(bridge, event));
  for (const [roomId, ofRoom] of byRoom(events))
    await (await portalOfRoom(bridge, roomId))?.enqueueMatrix(ofRoom);
  for (const [roomId, ofRoom] of byRoom(transaction.ephemeral)) {
    await (await portalOfRoom(bridge, roomId))?.ephemeral(ofRoom);
  }
}

/** Rooms whose chat is known. That never changes, so a cache of the directory, per isolate, is never stale. */
const chats = new WeakMap<BridgeEnv, Map<string, string>>();
const maxRooms = 5_000;

async function portalOfRoom(bridge: Bridge, roomId: string): Promise<PortalRpc | undefined> {
  const known = chats.get(bridge.env) ?? new Map<string, string>();
  chats.set(bridge.env, known);
  // A room that is not a portal yet may become one: that is not remembered.
  const chatId = known.get(roomId) ?? (await bridge.portals.byRoom(roomId))?.chatId;
  if (chatId === undefined) return undefined;
  if (known.size >= maxRooms) known.clear();
  known.set(roomId, chatId);
  return portalOf(bridge.env, chatId);
}

/** What we sent ourselves: as bot, as ghost, or as a person, which the content then says. */
function isOurs({ config, connector }: Bridge, event: ClientEvent): boolean {
  return (
    isOwnUser(connector.id, event.sender, config) ||
    event.content['fi.mau.double_puppet_source'] === connector.id
  );
}

/** In order of first appearance, each room's in their order. */
function byRoom<T extends ClientEvent | JsonObject>(events: readonly T[]): Map<string, T[]> {
  const rooms = new Map<string, T[]>();
  for (const event of events) {
    if (typeof event.room_id !== 'string') continue;
    const ofRoom = rooms.get(event.room_id);
    if (ofRoom) ofRoom.push(event);
    else rooms.set(event.room_id, [event]);
  }
  return rooms;
}
