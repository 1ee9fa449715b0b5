import type { Registration } from '../../../../../appservice/registration.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { newestPosition } from '../../../storage/room/events.ts';
import { type JoinedServer, joinedServers } from '../../../storage/room/joined-servers.ts';
import { membershipChanges } from '../../../storage/room/members.ts';
import type { Room } from '../room.ts';
import { isInterestedInRoom, isSyncing } from './followers.ts';
import { Interest, isOpen } from './interest.ts';

/** Events after its departure in which a service whose position is unknown is still told of it. */
const departureGrace = 10;

/** Who follows a room: remembered, and brought up to date by the changes since it was last asked. */
export class Audience {
  readonly #room: Room;
  readonly #users = new Set<UserId>();
  #servers = new Map<string, JoinedServer>();
  #interests: ReadonlyMap<Registration, Interest> = new Map();
  /** Users of other servers concern services alone whose namespaces may hold some. */
  readonly #whose: 'everyone' | 'local';
  /** Memberships are known up to this event. */
  #position = 0;
  #isStale = true;

  constructor(room: Room) {
    this.#room = room;
    const { serverName } = room.config;
    this.restart();
    const isLocalOnly = ({ namespaces }: Registration) =>
      namespaces.users.every(({ regex }) => endsWithServer(regex, serverName));
    this.#whose = [...this.#interests.keys()].every(isLocalOnly) ? 'local' : 'everyone';
  }

  /** Other servers with members in the room, and those that have still to be told that they have none any more. */
  servers(): readonly JoinedServer[] {
    this.#catchUp();
    return [...this.#servers.values()];
  }

  server(name: string): JoinedServer | undefined {
    this.#catchUp();
    return this.#servers.get(name);
  }

  /** A membership or the room's aliases have changed. */
  noteChange(): void {
    this.#isStale = true;
  }

  /** The past has changed, too. */
  restart(): void {
    const { registrations, serverName } = this.#room.config;
    this.#interests = new Map(
      registrations
        .filter((registration) => registration.url !== undefined)
        .map((registration) => [registration, new Interest(registration, serverName)]),
    );
    this.#users.clear();
    this.#position = 0;
    this.#isStale = true;
  }

  /** Joined users who sync. */
  users(): ReadonlySet<UserId> {
    this.#catchUp();
    return this.#users;
  }

  /** What the service is to be told of. */
  interestOf(registration: Registration): Interest | undefined {
    this.#catchUp();
    return this.#interests.get(registration);
  }

  /**
   * Services that are interested now, and those that have not been told yet of the event that ended it.
   * @param positionOf what the service has reached, if that is known
   */
  services(positionOf: (registration: Registration) => number | undefined): Registration[] {
    this.#catchUp();
    return [...this.#interests].flatMap(([registration, { ranges }]) => {
      const end = ranges.at(-1)?.upTo;
      if (end === undefined) return [];
      const reached = positionOf(registration) ?? newestPosition(this.#room.sqlite) - departureGrace;
      return isOpen(ranges) || reached < end ? [registration] : [];
    });
  }

  #catchUp(): void {
    if (!this.#isStale) return;
    const { sqlite, config } = this.#room;
    for (const change of membershipChanges(sqlite, this.#position, this.#whose)) {
      this.#position = change.since;
      for (const interest of this.#interests.values()) interest.note(change);
      if (change.membership !== 'join') this.#users.delete(change.userId);
      else if (isSyncing(config, change.userId)) this.#users.add(change.userId);
    }
    for (const [registration, interest] of this.#interests) {
      interest.wantsRoom = isInterestedInRoom(this.#room, registration);
    }
    this.#servers = new Map(joinedServers(sqlite).map((joined) => [joined.server, joined]));
    this.#isStale = false;
  }
}

/** Whether a pattern of user ids can match users of this server alone: it ends with the name, dots escaped or not. */
function endsWithServer(pattern: string, serverName: string): boolean {
  const plain = pattern.replaceAll('\\', '').replace(/\$$/, '');
  return plain.endsWith(`:${serverName}`) && !plain.includes('|');
}
