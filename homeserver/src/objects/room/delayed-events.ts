import { type Denial, denial, forbidden, notFound, tooLarge } from '../../../../matrix/errors.ts';
import { utf8Length } from '../../../../matrix/identifiers.ts';
import { limits } from '../../../../matrix/limits.ts';
import type { DueWork } from '../../../../platform/due-work.ts';
import { log } from '../../../../platform/log.ts';
import {
  countDelayed,
  type DelayedRow,
  deleteDelayed,
  deleteDelayedState,
  dueDelayed,
  findDelayed,
  insertDelayed,
  nextDelayedMs,
  restartDelayed,
} from '../../storage/room/delayed-events.ts';
import { eventOfTransaction } from '../../storage/room/events.ts';
import { memberOf } from '../../storage/room/members.ts';
import {
  type AppendInput,
  type AppendResult,
  type DelayAction,
  type DelayInput,
  type DelayResult,
  maxScheduledEvents,
} from '../room-rpc.ts';
import type { Room } from './room.ts';

/** Sent by one run of the due work; what is left is due at once again. */
const sentAtOnce = 50;

/** Has to run `inTransaction` in the transaction that stores the event. */
type Append = (input: AppendInput, inTransaction: () => void) => AppendResult;

/**
 * Events that are sent later: MSC4140. An event leaves the table in the transaction that stores it, so it is sent once,
 * whatever happens between. Whether it is allowed is asked when it is sent; if not, it is gone.
 */
export class DelayedEvents {
  readonly #room: Room;
  readonly #dueWork: DueWork;
  readonly #append: Append;

  constructor(room: Room, dueWork: DueWork, append: Append) {
    this.#room = room;
    this.#dueWork = dueWork;
    this.#append = append;
  }

  /** A repeated request finds what it scheduled before, or what was sent of it. */
  schedule({ event, delayId, delayMs }: DelayInput, nowMs: number): DelayResult {
    const { sqlite } = this.#room;
    const { sender, type, transaction } = event;
    if (memberOf(sqlite, sender)?.membership !== 'join') return denial(forbidden('You are not in this room'));
    const sent = transaction && eventOfTransaction(sqlite, { sender, type, ...transaction });
    if (sent || findDelayed(sqlite, delayId)) return { kind: 'scheduled' };
    if (utf8Length(JSON.stringify(event)) > limits.maxPduBytes)
      return denial(tooLarge('The event is too large'));
    if (countDelayed(sqlite, sender) >= maxScheduledEvents) return { kind: 'tooMany' };
    sqlite.transaction(() => {
      insertDelayed(sqlite, {
        delayId,
        sender,
        type,
        stateKey: event.stateKey,
        content: event.content,
        redacts: event.redacts,
        transaction,
        originServerTs: event.originServerTs,
        delayMs,
        runningSinceMs: nowMs,
      });
      this.#dueWork.schedule('delayed', nowMs + delayMs);
    });
    return { kind: 'scheduled' };
  }

  manage(delayId: string, action: DelayAction, nowMs: number): { kind: 'done' } | Denial {
    const { sqlite } = this.#room;
    const delayed = findDelayed(sqlite, delayId);
    if (!delayed) return denial(notFound('No such delayed event'));
    switch (action) {
      case 'cancel':
        deleteDelayed(sqlite, delayId);
        return { kind: 'done' };
      case 'restart':
        restartDelayed(sqlite, delayId, nowMs);
        return { kind: 'done' };
      case 'send': {
        const result = this.#send(delayed);
        return result.kind === 'denied' ? result : { kind: 'done' };
      }
      default:
        return action satisfies never;
    }
  }

  /** Somebody set a key of the state: what others wanted to make of it later is no longer wanted. */
  noteState(type: string, stateKey: string, sender: string): void {
    deleteDelayedState(this.#room.sqlite, type, stateKey, sender);
  }

  /** The due work `delayed`. @returns when it is due again */
  run(nowMs: number): number | undefined {
    for (const delayed of dueDelayed(this.#room.sqlite, nowMs, sentAtOnce)) {
      // Another of them may have cancelled it.
      if (findDelayed(this.#room.sqlite, delayed.delayId)) this.#send(delayed);
    }
    return nextDelayedMs(this.#room.sqlite);
  }

  #send({ delayId, sender, type, stateKey, content, redacts, transaction, originServerTs }: DelayedRow) {
    const input: AppendInput = {
      sender,
      type,
      content,
      ...(stateKey === undefined ? {} : { stateKey }),
      ...(redacts === undefined ? {} : { redacts }),
      ...(transaction ? { transaction } : {}),
      ...(originServerTs === undefined ? {} : { originServerTs }),
    };
    const result = this.#append(input, () => deleteDelayed(this.#room.sqlite, delayId));
    if (result.kind === 'denied') {
      log('info', 'room.delayed_event_refused', { roomId: this.#room.roomId, sender, error: result.error });
    }
    return result;
  }
}
