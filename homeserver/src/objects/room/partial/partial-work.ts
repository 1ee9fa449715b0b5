import type { EventId, ServerName, UserId } from '../../../../../matrix/identifiers.ts';
import type { DueWork } from '../../../../../platform/due-work.ts';
import { errorText, log } from '../../../../../platform/log.ts';
import { hasLocalMember, membersWith } from '../../../storage/room/members.ts';
import {
  endPartialState,
  noteAttempt,
  type PartialState,
  readPartialState,
} from '../../../storage/room/partial-state.ts';
import { deviceListEdu } from '../../device-list-edu.ts';
import type { Stubs } from '../../stubs.ts';
import { isLocal, syncingMembers } from '../delivery/followers.ts';
import { userSnapshot } from '../delivery/room-delta.ts';
import type { Room } from '../room.ts';
import { serversInRoom } from '../serving/server-access.ts';
import {
  completeState,
  forgetPortions,
  type StatePortion,
  settlePortions,
  takePortion,
} from './complete-state.ts';

/** Asks a server for the state before an event. @returns whether all of it was taken */
export type AskState = (
  server: ServerName,
  eventId: EventId,
  take: (portion: StatePortion) => void,
) => Promise<boolean>;

const dueName = 'completeState';
/** An attempt that a crash ended is made anew after this. */
const watchMs = 10_000;
/** Servers that are asked in turn; those that answered last are no better than those that let us in. */
const maxServers = 20;
const pauseBetweenServersMs = 1_000;
const longestPauseMs = 10 * 60_000;

/**
 * Fetches what was left out when the room was joined. It is due from the join on until the users have been told, so that
 * a crash delays it only. Fetching is not waited for by the alarm: other work of the room is done meanwhile.
 */
export class PartialWork {
  readonly #room: Room;
  readonly #stubs: Stubs;
  readonly #dueWork: DueWork;
  readonly #keepAlive: (work: Promise<void>) => void;
  readonly #askState: AskState;
  readonly #announce: () => void;
  #isFetching = false;
  /** Not before this time (epoch ms). */
  #nextMs = 0;

  constructor(
    room: Room,
    stubs: Stubs,
    dueWork: DueWork,
    keepAlive: (work: Promise<void>) => void,
    askState: AskState,
    announce: () => void,
  ) {
    this.#room = room;
    this.#stubs = stubs;
    this.#dueWork = dueWork;
    this.#keepAlive = keepAlive;
    this.#askState = askState;
    this.#announce = announce;
  }

  start(): void {
    this.#nextMs = 0;
    this.#dueWork.schedule(dueName, Date.now());
  }

  /** The due work. @returns when to look again */
  async run(nowMs: number): Promise<number | undefined> {
    const partial = readPartialState(this.#room.sqlite);
    if (!partial) return undefined;
    if (partial.isComplete) return (await this.#tell(partial)) ? undefined : nowMs + watchMs;
    // Who left is told nothing; who comes back begins it again.
    if (!hasLocalMember(this.#room.sqlite)) return undefined;
    if (this.#isFetching || nowMs < this.#nextMs) return Math.max(nowMs + watchMs, this.#nextMs);
    this.#isFetching = true;
    this.#keepAlive(this.#fetch(partial));
    return nowMs + watchMs;
  }

  async #fetch(partial: PartialState): Promise<void> {
    const servers = partial.servers.slice(0, maxServers);
    const server = servers[partial.attempts % Math.max(servers.length, 1)];
    let isDone = false;
    try {
      noteAttempt(this.#room.sqlite);
      isDone = server !== undefined && (await this.#fetchFrom(server, partial));
    } catch (error) {
      log('warn', 'room.state_failed', { roomId: this.#room.roomId, server, error: errorText(error) });
    } finally {
      this.#isFetching = false;
    }
    const pauseMs = isDone ? 0 : pauseAfter(partial.attempts + 1, servers.length);
    this.#nextMs = Date.now() + pauseMs;
    this.#dueWork.schedule(dueName, this.#nextMs);
  }

  async #fetchFrom(server: ServerName, partial: PartialState): Promise<boolean> {
    const { roomId } = this.#room;
    forgetPortions(this.#room);
    const isWhole = await this.#askState(server, partial.joinId, (portion) => {
      if (this.#isCurrent(partial)) takePortion(this.#room, portion);
    });
    if (isWhole && this.#isCurrent(partial)) {
      await settlePortions(this.#room, () => scheduler.wait(0));
      if (this.#isCurrent(partial) && completeState(this.#room, partial)) {
        log('info', 'room.state_complete', { roomId, server, attempts: partial.attempts + 1 });
        this.#announce();
        return true;
      }
    }
    if (!this.#isCurrent(partial)) return true;
    forgetPortions(this.#room);
    log('info', 'room.state_not_had', { roomId, server, attempts: partial.attempts + 1 });
    return false;
  }

  /** A later join may have taken its place. */
  #isCurrent({ joinId }: PartialState): boolean {
    return readPartialState(this.#room.sqlite)?.joinId === joinId;
  }

  /** Everybody begins the room anew; servers that were not told of our devices are. @returns whether all know now */
  async #tell({ servers }: PartialState): Promise<boolean> {
    const room = this.#room;
    const users = syncingMembers(room);
    const told = await Promise.allSettled(
      users.map(async (userId) => {
        const snapshot = userSnapshot(room, userId);
        if (snapshot) await this.#stubs.user(userId).applyRoomDelta(snapshot);
      }),
    );
    const before = new Set<string>(servers);
    const edus = localMembers(room).map((userId) => deviceListEdu(userId, Date.now()));
    const newServers = serversInRoom(room).filter((server) => !before.has(server));
    const sent = await Promise.allSettled(
      newServers.map((server) => this.#stubs.destination(server).enqueueEdus(edus)),
    );
    if ([...told, ...sent].some(({ status }) => status === 'rejected')) return false;
    endPartialState(room.sqlite);
    return true;
  }
}

function localMembers(room: Room): UserId[] {
  return membersWith(room.sqlite, 'join')
    .map(({ userId }) => userId)
    .filter((userId) => isLocal(room.config, userId));
}

/** All servers are asked once before there is a pause. */
function pauseAfter(attempts: number, servers: number): number {
  if (attempts < servers) return pauseBetweenServersMs;
  return Math.min(pauseBetweenServersMs * 2 ** (attempts - servers + 2), longestPauseMs);
}
