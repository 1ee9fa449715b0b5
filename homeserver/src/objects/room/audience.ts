import type { Registration } from '../../../../appservice/registration.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { newestPosition, type Range } from '../../storage/room/events.ts';
import { interestedRanges, isOpen } from './appservice-delta.ts';
import { syncingMembers } from './followers.ts';
import type { Room } from './room.ts';

/** Events after its departure in which a service whose position is unknown is still told of it. */
const departureGrace = 10;

/** Who follows a room, remembered until a membership or the room's aliases change. */
export class Audience {
  readonly #room: Room;
  #known: { users: readonly UserId[]; services: ReadonlyMap<Registration, readonly Range[]> } | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  forget(): void {
    this.#known = undefined;
  }

  /** Joined users who sync. */
  users(): readonly UserId[] {
    return this.#read().users;
  }

  /** What the service is to be told of. */
  rangesOf(registration: Registration): readonly Range[] {
    return this.#read().services.get(registration) ?? [];
  }

  /**
   * Services that are interested now, and those that have not been told yet of the event that ended it.
   * @param positionOf what the service has reached, if that is known
   */
  services(positionOf: (registration: Registration) => number | undefined): Registration[] {
    return [...this.#read().services].flatMap(([registration, ranges]) => {
      const end = ranges.at(-1)?.upTo;
      if (end === undefined) return [];
      const reached = positionOf(registration) ?? newestPosition(this.#room.sqlite) - departureGrace;
      return isOpen(ranges) || reached < end ? [registration] : [];
    });
  }

  #read() {
    this.#known ??= {
      users: syncingMembers(this.#room),
      services: new Map(
        this.#room.config.registrations
          .filter((registration) => registration.url !== undefined)
          .map((registration) => [registration, interestedRanges(this.#room, registration)]),
      ),
    };
    return this.#known;
  }
}
