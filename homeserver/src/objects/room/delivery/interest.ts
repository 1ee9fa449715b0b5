import { mayAssertUser, type Registration } from '../../../../../appservice/registration.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import type { Range } from '../../../storage/room/events.ts';
import type { MembershipChange } from '../../../storage/room/members.ts';

/** End of a range that is still open. */
const open = Number.MAX_SAFE_INTEGER;
const wholeRoom: readonly Range[] = [{ after: 0, upTo: open }];

export function isOpen(ranges: readonly Range[]): boolean {
  return ranges.at(-1)?.upTo === open;
}

/** Which events of a room a service is to be told of; built up change by change. */
export class Interest {
  readonly #registration: Registration;
  readonly #serverName: string;
  readonly #present = new Set<UserId>();
  readonly #joined = new Set<UserId>();
  readonly #ranges: Range[] = [];
  readonly #sharing: Range[] = [];
  /** The room itself is in its namespaces. */
  wantsRoom = false;

  constructor(registration: Registration, serverName: string) {
    this.#registration = registration;
    this.#serverName = serverName;
  }

  /**
   * The events from the one that brought the first of the service's users into the room (by join or
   * invitation) up to the one that removed the last. All, if it wants the room itself.
   */
  get ranges(): readonly Range[] {
    return this.wantsRoom ? wholeRoom : this.#ranges;
  }

  /** The times in which one of the service's users was joined: it then shared the room with everybody in it. */
  get sharing(): readonly Range[] {
    return this.#sharing;
  }

  /** Changes come in the order of the room. */
  note({ userId, since, membership }: MembershipChange): void {
    if (!this.isOwn(userId)) return;
    follow(this.#ranges, this.#present, userId, since, membership === 'join' || membership === 'invite');
    follow(this.#sharing, this.#joined, userId, since, membership === 'join');
  }

  isOwn(userId: UserId): boolean {
    return mayAssertUser(this.#registration, userId, this.#serverName);
  }
}

/** Opens a range when the first user comes, and closes it when the last one goes. */
function follow(ranges: Range[], users: Set<UserId>, userId: UserId, since: number, isThere: boolean): void {
  const before = users.size;
  if (isThere) users.add(userId);
  else users.delete(userId);
  const last = ranges.at(-1);
  if (before === 0 && users.size > 0) ranges.push({ after: since - 1, upTo: open });
  else if (before > 0 && users.size === 0 && last) last.upTo = since;
}
