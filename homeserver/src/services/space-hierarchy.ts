import { forbidden } from '../../../matrix/errors.ts';
import { parseRoomId, type RoomId, type UserId } from '../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { SpaceChild, SpaceView } from '../objects/room-rpc.ts';
import type { Stubs } from '../objects/stubs.ts';
import { type HierarchyPlace, roomMark } from './hierarchy-token.ts';
import { isJoinedToAny } from './joined-to.ts';

/** Requests to rooms under way at once. */
const width = 10;
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
export async function spaceHierarchy(stubs: Stubs, request: HierarchyRequest): Promise<HierarchyPage> {
  const views = new Views(stubs, request);
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
  readonly #stubs: Stubs;
  readonly #request: HierarchyRequest;
  readonly #known = new Map<RoomId, SpaceView | undefined>();
  readonly #memberships = new Map<RoomId, Promise<boolean>>();

  constructor(stubs: Stubs, request: HierarchyRequest) {
    this.#stubs = stubs;
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

  async #ask(roomId: RoomId): Promise<SpaceView | undefined> {
    const { userId, suggestedOnly } = this.#request;
    const view = await this.#stubs.room(roomId).readSpace(userId, suggestedOnly);
    if (view.kind === 'denied') return undefined;
    if (view.preview.isOpen) return view;
    if (view.preview.membership === 'ban') return undefined;
    const { allowedRooms = [] } = view.preview;
    return (await isJoinedToAny(this.#stubs, userId, allowedRooms, this.#memberships)) ? view : undefined;
  }
}
