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
  readonly #ranges: Range[] = [];
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

  /** Changes come in the order of the room. */
  note({ userId, since, membership }: MembershipChange): void {
    if (!mayAssertUser(this.#registration, userId, this.#serverName)) return;
    const wasInterested = this.#present.size > 0;
    if (membership === 'join' || membership === 'invite') this.#present.add(userId);
    else this.#present.delete(userId);
    const isInterested = this.#present.size > 0;
    const last = this.#ranges.at(-1);
    if (!wasInterested && isInterested) this.#ranges.push({ after: since - 1, upTo: open });
    else if (wasInterested && !isInterested && last) last.upTo = since;
  }
}
