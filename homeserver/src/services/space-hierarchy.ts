import { forbidden } from '../../../matrix/errors.ts';
import {
  parseRoomId,
  parseServerName,
  type RoomId,
  type ServerName,
  type UserId,
} from '../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { FederationParts } from '../federation/federation-parts.ts';
import { askHierarchy } from '../federation/outbound/ask-hierarchy.ts';
import type { SpaceChild, SpaceView } from '../objects/room-rpc.ts';
import { type HierarchyPlace, roomMark } from './hierarchy-token.ts';
import { isJoinedToAny } from './joined-to.ts';

/** Requests to rooms under way at once. */
const width = 10;
/** Servers that are asked of one room. */
const maxServers = 3;
/** Rooms looked at by one request, listed or not. */
const maxLookedAt = 200;
/** Rooms of a whole hierarchy, over all its pages: the token remembers each. */
export const maxHierarchyRooms = 1000;

export interface HierarchyRequest {
  userId: UserId;
  root: RoomId;
  suggestedOnly: boolean;
  maxDepth: number;
  limit: number;
  /** Where the page before ended. */
  from?: HierarchyPlace | undefined;
}

export interface HierarchyPage {
  rooms: SpaceView[];
  next?: HierarchyPlace;
}

/** A space on the way down, and the next of its children to look at. */
interface Step {
  roomId: RoomId;
  children: SpaceChild[];
  next: number;
}

/**
 * One page of the rooms below a space, depth first, each room once: client-server API,
 * `GET /rooms/{roomId}/hierarchy`. Rooms that the user may not know of are left out, with all below them.
 * @throws `M_FORBIDDEN` if that is so of the root
 */
export async function spaceHierarchy(
  parts: FederationParts,
  request: HierarchyRequest,
): Promise<HierarchyPage> {
  const views = new Views(parts, request);
  const seen = new Set(request.from?.seen);
  const rooms: SpaceView[] = [];
  const path: Step[] = [];
  if (request.from) {
    await views.load(request.from.path.map(({ roomId }) => roomId));
    for (const { roomId, next } of request.from.path) {
      const view = await views.get(roomId);
      if (view) path.push({ roomId, children: view.children, next });
    }
  } else {
    const root = await views.get(request.root);
    if (!root) throw forbidden('You may not see this space');
    rooms.push(root);
    seen.add(roomMark(request.root));
    path.push({ roomId: request.root, children: root.children, next: 0 });
  }
  const isFull = () =>
    rooms.length >= request.limit || views.lookedAt >= maxLookedAt || seen.size >= maxHierarchyRooms;
  for (let step = path.at(-1); step; step = path.at(-1)) {
    const ahead = unseen(step, seen);
    const child = ahead[0];
    if (path.length > request.maxDepth || child === undefined) {
      path.pop();
      continue;
    }
    if (isFull()) break;
    views.noteServers(step.children);
    await views.load(ahead.slice(0, request.limit - rooms.length));
    step.next = step.children.findIndex((event) => event.state_key === child) + 1;
    seen.add(roomMark(child));
    const view = await views.get(child);
    if (!view) continue;
    rooms.push(view);
    path.push({ roomId: child, children: view.children, next: 0 });
  }
  const goesOn = path.length > 0 && seen.size < maxHierarchyRooms;
  return { rooms, ...(goesOn ? { next: { path, seen: [...seen] } } : {}) };
}

function unseen({ children, next }: Step, seen: ReadonlySet<string>): RoomId[] {
  return children
    .slice(next)
    .map((event) => parseRoomId(event.state_key))
    .filter((roomId) => roomId !== undefined)
    .filter((roomId) => !seen.has(roomMark(roomId)));
}

/** Rooms as the user may see them, each asked once a request. */
class Views {
  readonly #parts: FederationParts;
  readonly #request: HierarchyRequest;
  /** Servers that are said to know a room. */
  readonly #servers = new Map<string, ServerName[]>();
  readonly #known = new Map<RoomId, SpaceView | undefined>();
  readonly #memberships = new Map<RoomId, Promise<boolean>>();

  constructor(parts: FederationParts, request: HierarchyRequest) {
    this.#parts = parts;
    this.#request = request;
  }

  get lookedAt(): number {
    return this.#known.size;
  }

  async load(roomIds: readonly RoomId[]): Promise<void> {
    const wanted = roomIds.filter((roomId) => !this.#known.has(roomId));
    await mapConcurrently(wanted, width, async (roomId) => {
      this.#known.set(roomId, await this.#ask(roomId));
    });
  }

  async get(roomId: RoomId): Promise<SpaceView | undefined> {
    await this.load([roomId]);
    return this.#known.get(roomId);
  }

  /** What a space says of where its children are found. */
  noteServers(children: readonly SpaceChild[]): void {
    for (const { state_key: roomId, content } of children) {
      const via = Array.isArray(content.via) ? content.via : [];
      const names = via.map((name) => parseServerName(String(name))).filter((name) => name !== undefined);
      this.#servers.set(roomId, names);
    }
  }

  async #ask(roomId: RoomId): Promise<SpaceView | undefined> {
    const { userId, suggestedOnly } = this.#request;
    const view = await this.#parts.stubs.room(roomId).readSpace(userId, suggestedOnly);
    if (view.kind === 'space') return this.#ifShown(view);
    const isHere = (await this.#parts.stubs.room(roomId).roomVersionId()) !== undefined;
    return isHere ? undefined : this.#askElsewhere(roomId);
  }

  async #askElsewhere(roomId: RoomId): Promise<SpaceView | undefined> {
    const { env, config } = this.#parts;
    const servers = (this.#servers.get(roomId) ?? []).filter((server) => server !== config.serverName);
    for (const server of servers.slice(0, maxServers)) {
      const found = await askHierarchy(env, server, roomId, this.#request.suggestedOnly);
      if (!found) continue;
      for (const room of found.rooms) {
        const { roomId: childId } = room.preview;
        const isNews =
          !this.#known.has(childId) && found.view.children.some((child) => child.state_key === childId);
        const isHere = isNews && (await this.#parts.stubs.room(childId).roomVersionId()) !== undefined;
        if (isNews && !isHere) this.#known.set(childId, await this.#ifShown(room));
      }
      return this.#ifShown(found.view);
    }
    return undefined;
  }

  async #ifShown(view: SpaceView): Promise<SpaceView | undefined> {
    const { preview } = view;
    if (preview.isOpen) return view;
    if (preview.membership === 'ban') return undefined;
    const { stubs } = this.#parts;
    const { allowedRooms = [] } = preview;
    const { userId } = this.#request;
    return (await isJoinedToAny(stubs, userId, allowedRooms, this.#memberships)) ? view : undefined;
  }
}
