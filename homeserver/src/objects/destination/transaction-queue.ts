import type { JsonObject } from '../../../../matrix/json.ts';
import { log } from '../../../../platform/log.ts';
import { type Backoff, backoffMs } from '../../../../platform/retry.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import {
  clearPause,
  readDelivery,
  recordFailure,
  recordSuccess,
} from '../../storage/destination/delivery.ts';
import {
  countEntries,
  deleteTxn,
  insertEntry,
  newestTxn,
  oldestTxn,
  readTxn,
  replaceEntry,
} from '../../storage/destination/queue.ts';
import { dropEventsAfter } from '../../storage/destination/rooms.ts';
import type { Edu } from '../destination-rpc.ts';

/** What went wrong with a transaction. `isRefused`: the server does not want it as it is, now or later. */
export interface SendProblem {
  text: string;
  isRefused: boolean;
}

/** @returns nothing if the server acknowledged the transaction */
export type SendTransaction = (txnId: string, content: JsonObject) => Promise<SendProblem | undefined>;

/** Server-server API, "Transactions". */
export const maxPdus = 50;
export const maxEdus = 100;
/** A crash or eviction during an attempt is repaired after this. */
const watchdogMs = 90_000;
/** After this the rest of a long queue is left to the alarm, which has its own time limit. */
const maxRunMs = 5 * 60_000;
const longBackoff = { firstMs: 5_000, maxMs: 6 * 60 * 60_000 };
/** For tests by outside suites, which stop and start servers. */
const shortBackoff = { firstMs: 500, maxMs: 1_000 };
/** Events are kept for a server that is away for so long; later it is told only where rooms have got to. */
const keptForMs = 60 * 60_000;
const maxKept = 1_000;
/** A transaction that is refused so often is dropped, lest one bad entry stop everything behind it. */
const maxRefusals = 5;

/**
 * The transactions to one server, in strict order, one at a time.
 *
 * 1. An entry is numbered with its transaction when it is queued: the newest one, unless that is being or has been
 *    sent, or is full. So the rows alone say what each transaction contains, and it is repeated as it was.
 *    Numbers are times, so that none is used twice after all rows are gone.
 * 2. `run` sends the oldest transaction until it is acknowledged; then its rows go.
 * 3. Failures are counted and put off the next attempt.
 * 4. The alarm is set while something is queued.
 */
export class TransactionQueue {
  readonly #sqlite: Sqlite;
  readonly #send: SendTransaction;
  /** After each transaction that was acknowledged. */
  readonly #onSuccess: () => Promise<void>;
  /** The transaction that new entries join. Anything found in the queue at the start may have been sent. */
  #open: { txn: number; pdus: number; edus: number };
  /** What is of use only now, by key; goes with the next transaction that is sent. */
  readonly #fleeting = new Map<string, JsonObject>();
  readonly #backoff: Backoff;
  /** Entries, if they were counted since one went: to count them for each event would be to read the queue. */
  #waiting: number | undefined;
  #isRunning = false;
  /** When the alarm rings, if it is known to be set. */
  #alarmMs: number | undefined;
  #refusals = 0;

  constructor(
    sqlite: Sqlite,
    send: SendTransaction,
    onSuccess: () => Promise<void>,
    backsOffShortly = false,
  ) {
    this.#backoff = backsOffShortly ? shortBackoff : longBackoff;
    this.#sqlite = sqlite;
    this.#send = send;
    this.#onSuccess = onSuccess;
    this.#open = { txn: Math.max(newestTxn(sqlite) ?? 0, Date.now()) + 1, pdus: 0, edus: 0 };
  }

  /** Queues; call it in the same write section as its cause, and `run` afterwards. */
  addPdu(roomId: string, pdu: JsonObject): void {
    if (this.#open.pdus >= maxPdus) this.#close(this.#open.txn);
    this.#open.pdus += 1;
    this.#insert({ roomId, body: JSON.stringify(pdu) });
  }

  addEdu({ type, content, key, isFleeting }: Edu): void {
    const edu = { edu_type: type, content };
    if (isFleeting) {
      if (!this.isFailing) this.#fleeting.set(key ?? JSON.stringify(edu), edu);
      return;
    }
    const body = JSON.stringify(edu);
    if (key !== undefined && replaceEntry(this.#sqlite, this.#open.txn, key, body)) return;
    if (this.#open.edus >= maxEdus) this.#close(this.#open.txn);
    this.#open.edus += 1;
    this.#insert({ key, body });
  }

  get isFailing(): boolean {
    return readDelivery(this.#sqlite).failures > 0;
  }

  /** Whether the server has been away for so long that events are no longer kept for it. */
  get isGivenUp(): boolean {
    const { failingSinceMs } = readDelivery(this.#sqlite);
    if (failingSinceMs === undefined) return false;
    this.#waiting ??= countEntries(this.#sqlite);
    return Date.now() - failingSinceMs > keptForMs || this.#waiting > maxKept;
  }

  /** Leaves out the events that wait; write section. The oldest transaction stays: it may have been received. */
  dropEvents(): void {
    this.#waiting = undefined;
    dropEventsAfter(this.#sqlite, oldestTxn(this.#sqlite) ?? 0);
  }

  /** Sends what is due. Safe to call at any time: a second call finds the first one at work. */
  async run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      const endMs = Date.now() + maxRunMs;
      while (await this.#sendOldest()) {
        await this.#onSuccess();
        if (Date.now() > endMs) return this.#armBy(Date.now());
      }
    } finally {
      this.#isRunning = false;
    }
  }

  async alarm(): Promise<void> {
    this.#alarmMs = undefined;
    await this.run();
  }

  async retryNow(): Promise<void> {
    clearPause(this.#sqlite);
    await this.run();
  }

  /** @returns whether there may be more to send at once */
  async #sendOldest(): Promise<boolean> {
    const txn = oldestTxn(this.#sqlite) ?? (this.#fleeting.size > 0 ? this.#open.txn : undefined);
    if (txn === undefined) return false;
    const { nextAttemptMs } = readDelivery(this.#sqlite);
    if (nextAttemptMs > Date.now()) {
      this.#armBy(nextAttemptMs);
      return false;
    }
    this.#close(txn);
    this.#armBy(Date.now() + watchdogMs);
    const problem = await this.#send(String(txn), this.#compose(txn));
    if (!problem) {
      this.#succeed(txn);
      return true;
    }
    this.#refusals = problem.isRefused ? this.#refusals + 1 : 0;
    if (this.#refusals >= maxRefusals) {
      log('error', 'destination.transaction_dropped', { txn, problem: problem.text });
      this.#succeed(txn);
      return true;
    }
    this.#fail(txn, problem.text);
    return false;
  }

  #compose(txn: number): JsonObject {
    const entries = readTxn(this.#sqlite, txn);
    const fleeting = [...this.#fleeting.values()];
    this.#fleeting.clear();
    const bodies = (isPdu: boolean) =>
      entries
        .filter(({ roomId }) => (roomId !== undefined) === isPdu)
        .map(({ body }) => JSON.parse(body) as JsonObject);
    return {
      origin_server_ts: Date.now(),
      pdus: bodies(true),
      edus: [...bodies(false), ...fleeting].slice(0, maxEdus),
    };
  }

  #succeed(txn: number): void {
    this.#refusals = 0;
    this.#waiting = undefined;
    deleteTxn(this.#sqlite, txn);
    recordSuccess(this.#sqlite);
  }

  #fail(txn: number, problem: string): void {
    const failures = readDelivery(this.#sqlite).failures + 1;
    const nextAttemptMs = Date.now() + backoffMs(failures, this.#backoff);
    recordFailure(this.#sqlite, problem, Date.now(), nextAttemptMs);
    if (oldestTxn(this.#sqlite) !== undefined) this.#arm(nextAttemptMs);
    log('warn', 'destination.send_failed', { txn, failures, problem, nextAttemptMs });
  }

  #insert(entry: { roomId?: string | undefined; key?: string | undefined; body: string }): void {
    insertEntry(this.#sqlite, this.#open.txn, this.#open.pdus + this.#open.edus, entry);
    if (this.#waiting !== undefined) this.#waiting += 1;
    if (this.#alarmMs === undefined) this.#arm(Date.now() + watchdogMs);
  }

  /** No entry joins transaction `txn` any more. */
  #close(txn: number): void {
    if (this.#open.txn === txn) this.#open = { txn: Math.max(txn, Date.now()) + 1, pdus: 0, edus: 0 };
  }

  #armBy(dueMs: number): void {
    if (this.#alarmMs === undefined || this.#alarmMs > dueMs) this.#arm(dueMs);
  }

  #arm(dueMs: number): void {
    this.#alarmMs = dueMs;
    this.#sqlite.setAlarm(dueMs);
  }
}
