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

/** Until the policy server is asked again that could not be asked. */
const policyPauseMs = 60_000;

export interface DelayedParts {
  /** Has to run `inTransaction` in the transaction that stores the event. */
  append(input: AppendInput, inTransaction: () => void): AppendResult;
  /** Whether a policy server has to sign the event first. */
  needsConsent(input: AppendInput): boolean;
  /** Has it signed, and then appends it unless it is not wanted any more. */
  appendWithConsent(
    input: AppendInput,
    isWanted: () => boolean,
  ): Promise<AppendResult | { kind: 'unwanted' }>;
}

/**
 * Events that are sent later: MSC4140. An event leaves the table in the transaction that stores it, so it is sent once,
 * whatever happens between. Whether it is allowed is asked when it is sent; if not, it is gone.
 */
export class DelayedEvents {
  readonly #room: Room;
  readonly #dueWork: DueWork;
  readonly #parts: DelayedParts;

  constructor(room: Room, dueWork: DueWork, parts: DelayedParts) {
    this.#room = room;
    this.#dueWork = dueWork;
    this.#parts = parts;
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
        if (this.#parts.needsConsent(inputOf(delayed))) {
          this.#makeDue(delayed, nowMs);
          return { kind: 'done' };
        }
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
  async run(nowMs: number): Promise<number | undefined> {
    let isPolicyAway = false;
    for (const delayed of dueDelayed(this.#room.sqlite, nowMs, sentAtOnce)) {
      // Another of them may have cancelled it.
      if (!findDelayed(this.#room.sqlite, delayed.delayId)) continue;
      if (!this.#parts.needsConsent(inputOf(delayed))) this.#send(delayed);
      else if (!isPolicyAway) isPolicyAway = !(await this.#sendWithConsent(delayed));
    }
    const nextMs = nextDelayedMs(this.#room.sqlite);
    return isPolicyAway && nextMs !== undefined ? Math.max(nextMs, nowMs + policyPauseMs) : nextMs;
  }

  /** Of a policy server nobody waits for the answer: the alarm asks it. */
  #makeDue({ delayId, delayMs }: DelayedRow, nowMs: number): void {
    this.#room.sqlite.transaction(() => {
      restartDelayed(this.#room.sqlite, delayId, nowMs - delayMs);
      this.#dueWork.schedule('delayed', nowMs);
    });
  }

  #send(delayed: DelayedRow): AppendResult {
    const done = () => deleteDelayed(this.#room.sqlite, delayed.delayId);
    return this.#noted(delayed, this.#parts.append(inputOf(delayed), done));
  }

  /** @returns false if it is to be tried again: the policy server could not be asked */
  async #sendWithConsent(delayed: DelayedRow): Promise<boolean> {
    const { sqlite } = this.#room;
    const text = JSON.stringify(delayed);
    const isWanted = () => JSON.stringify(findDelayed(sqlite, delayed.delayId)) === text;
    const result = await this.#parts.appendWithConsent(inputOf(delayed), isWanted);
    if (result.kind === 'unwanted') return true;
    if (result.kind === 'denied' && (result.status >= 500 || result.status === 429)) return false;
    deleteDelayed(sqlite, delayed.delayId);
    this.#noted(delayed, result);
    return true;
  }

  #noted({ sender }: DelayedRow, result: AppendResult): AppendResult {
    if (result.kind === 'denied') {
      log('info', 'room.delayed_event_refused', { roomId: this.#room.roomId, sender, error: result.error });
    }
    return result;
  }
}

function inputOf(delayed: DelayedRow): AppendInput {
  const { sender, type, stateKey, content, redacts, transaction, originServerTs } = delayed;
  return {
    sender,
    type,
    content,
    ...(stateKey === undefined ? {} : { stateKey }),
    ...(redacts === undefined ? {} : { redacts }),
    ...(transaction ? { transaction } : {}),
    ...(originServerTs === undefined ? {} : { originServerTs }),
  };
}
