import type { ReceiverHandlers } from '../../appservice/receiver.ts';
import type { Transaction } from '../../appservice/transactions.ts';
import type { ClientEvent } from '../../matrix/events.ts';
import type { JsonObject } from '../../matrix/json.ts';
import type { Bridge } from './bridge.ts';
import { isOwnUser } from './ghost-names.ts';

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
  const portals = new Portals(bridge);
  const events = transaction.events.filter((event) => !isOurs(bridge, event));
  for (const [roomId, ofRoom] of byRoom(events)) await (await portals.ofRoom(roomId))?.enqueueMatrix(ofRoom);
  for (const [roomId, ofRoom] of byRoom(transaction.ephemeral)) {
    await (await portals.ofRoom(roomId))?.ephemeral(ofRoom);
  }
}

/** Looks each room up once per transaction. */
class Portals {
  readonly #bridge: Bridge;
  readonly #known = new Map<string, ReturnType<Bridge['portals']['byRoom']>>();

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  async ofRoom(roomId: string) {
    const entry = this.#known.get(roomId) ?? this.#bridge.portals.byRoom(roomId);
    this.#known.set(roomId, entry);
    const portal = await entry;
    return portal && this.#bridge.env.PORTALS.getByName(portal.chatId);
  }
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
