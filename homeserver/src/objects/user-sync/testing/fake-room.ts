import type {
  ClientEvent,
  Membership,
  StateEvent,
  StrippedStateEvent,
} from '../../../../../matrix/events.ts';
import type { EventId, RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { DeliveredEvent, RoomDelta, StateCorrections, TransactionKey } from '../../room-rpc.ts';

/** A room as far as one follower notices it, for tests: it makes the deltas that a room would send. */
export class FakeRoom {
  readonly roomId: RoomId;
  readonly follower: UserId;
  readonly members = new Map<string, Membership>();
  position = 0;
  /** What the follower was sent last. */
  delivered = 0;
  readonly #state = new Map<string, StateEvent>();
  readonly #events: DeliveredEvent[] = [];
  #corrections: StateCorrections = { set: [], removed: [] };
  #corrected = 0;

  constructor(name: string, follower: string) {
    this.roomId = `!${name}:roost.test` as RoomId;
    this.follower = follower as UserId;
  }

  /** A room with creator, power levels, name, and both joined; nothing delivered yet. */
  static created(name: string, follower: string, creator: string, createContent: JsonObject = {}): FakeRoom {
    const room = new FakeRoom(name, follower);
    room.add(creator, 'm.room.create', { room_version: '12', ...createContent }, '');
    room.member(creator, 'join');
    room.add(creator, 'm.room.power_levels', { users: { [creator]: 100 } }, '');
    room.add(creator, 'm.room.join_rules', { join_rule: 'public' }, '');
    room.add(creator, 'm.room.history_visibility', { history_visibility: 'shared' }, '');
    room.add(creator, 'm.room.name', { name }, '');
    if (creator !== follower) room.member(follower, 'join');
    return room;
  }

  add(
    sender: string,
    type: string,
    content: JsonObject,
    stateKey?: string,
    transaction?: TransactionKey,
  ): ClientEvent {
    this.position += 1;
    const previous = stateKey === undefined ? undefined : this.#state.get(`${type}\n${stateKey}`);
    const event: ClientEvent = {
      event_id: `$${this.position}-${this.roomId.slice(1, -11)}` as EventId,
      room_id: this.roomId,
      type,
      sender: sender as UserId,
      origin_server_ts: 1_700_000_000_000 + this.position,
      content,
      ...(stateKey !== undefined && { state_key: stateKey }),
      ...(previous && { unsigned: { prev_content: previous.content } }),
    };
    if (stateKey !== undefined) this.#state.set(`${type}\n${stateKey}`, event as StateEvent);
    this.#events.push({ position: this.position, event, ...(transaction && { transaction }) });
    return event;
  }

  /** Branches met: this is in force now, without coming by the timeline. */
  correct(sender: string, type: string, content: JsonObject, stateKey: string): StateEvent {
    this.#corrected += 1;
    const event: StateEvent = {
      event_id: `$corrected-${this.#corrected}-${this.roomId.slice(1, -11)}` as EventId,
      room_id: this.roomId,
      type,
      sender: sender as UserId,
      origin_server_ts: 1_700_000_000_000 + this.position,
      content,
      state_key: stateKey,
    };
    this.#state.set(`${type}\n${stateKey}`, event);
    this.#corrections.set.push(event);
    return event;
  }

  /** Branches met: nothing is in force any more for this entry. */
  removeState(type: string, stateKey: string): void {
    this.#state.delete(`${type}\n${stateKey}`);
    this.#corrections.removed.push({ type, stateKey });
  }

  /** Events are missing here: a room leaves numbers free for those that may be found yet. */
  gap(): void {
    this.position += 2 ** 32;
  }

  message(sender: string, body: string, more: JsonObject = {}): ClientEvent {
    return this.add(sender, 'm.room.message', { msgtype: 'm.text', body, ...more });
  }

  member(userId: string, membership: Membership, sender = userId, content: JsonObject = {}): ClientEvent {
    this.members.set(userId, membership);
    return this.add(sender, 'm.room.member', { membership, ...content }, userId);
  }

  /** What was not delivered yet. */
  delta(more: Partial<RoomDelta> = {}): RoomDelta {
    const fromPosition = this.delivered;
    const events = this.#events.filter((event) => event.position > fromPosition);
    this.delivered = this.position;
    return { ...this.#base(events, fromPosition), ...this.#takeCorrections(), ...more };
  }

  /** The whole room with its last events. */
  snapshot(lastEvents = 20, more: Partial<RoomDelta> = {}): RoomDelta {
    const fromPosition = this.delivered;
    this.delivered = this.position;
    const encrypted = this.#state.has('m.room.encryption\n');
    this.#takeCorrections();
    return {
      ...this.#base(this.#events.slice(-lastEvents), fromPosition),
      snapshot: {
        roomVersion: '12',
        state: [...this.#state.values()].filter(
          (event) => event.type !== 'm.room.member' || event.state_key === this.follower,
        ),
        ...(encrypted && { joinedMembers: this.#membersWith('join') as UserId[] }),
      },
      ...more,
    };
  }

  invitation(inviter: string): RoomDelta {
    const invite = this.member(this.follower, 'invite', inviter);
    const fromPosition = this.delivered;
    this.delivered = this.position;
    const strippedState: StrippedStateEvent[] = [...this.#state.values()]
      .filter((event) => ['m.room.create', 'm.room.name'].includes(event.type) || event === invite)
      .map(({ type, state_key, sender, content }) => ({ type, state_key, sender, content }));
    return {
      ...this.#base([], fromPosition),
      snapshot: { roomVersion: '12', state: [], strippedState, inviteEventId: invite.event_id },
    };
  }

  #takeCorrections(): { corrections?: StateCorrections } {
    const corrections = this.#corrections;
    this.#corrections = { set: [], removed: [] };
    return corrections.set.length + corrections.removed.length > 0 ? { corrections } : {};
  }

  #base(events: DeliveredEvent[], fromPosition: number): RoomDelta {
    const heroes = [...this.#membersWith('join'), ...this.#membersWith('invite')]
      .filter((member) => member !== this.follower)
      .slice(0, 5) as UserId[];
    const wanted = new Set<string>([...events.map(({ event }) => event.sender), ...heroes]);
    return {
      roomId: this.roomId,
      fromPosition,
      position: this.position,
      membership: this.members.get(this.follower) ?? 'leave',
      events,
      updated: [],
      members: [...wanted].flatMap((member) => this.#state.get(`m.room.member\n${member}`) ?? []),
      summary: {
        joinedCount: this.#membersWith('join').length,
        invitedCount: this.#membersWith('invite').length,
        heroes,
      },
    };
  }

  #membersWith(membership: Membership): string[] {
    return [...this.members].filter(([, own]) => own === membership).map(([userId]) => userId);
  }
}
