import { transactionLimits } from '../../../../appservice/transactions.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { log } from '../../../../platform/log.ts';
import { backoffMs } from '../../../../platform/retry.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import {
  clearBackoff,
  type DeliveryState,
  readDelivery,
  recordFailure,
  recordFormed,
  recordSuccess,
} from '../../storage/appservice/delivery.ts';
import {
  deleteTxn,
  insertEntry,
  newestTxn,
  oldestTxn,
  type QueueKind,
  readTxn,
} from '../../storage/appservice/queue.ts';
import { composeTransaction, formedAt } from './compose-transaction.ts';

/** Sends one transaction. @returns what went wrong, or nothing if the service acknowledged it */
export type SendTransaction = (txnId: string, body: JsonObject) => Promise<string | undefined>;

/** A crash or eviction during an attempt is repaired after this. */
const watchdogMs = 60_000;
/** After this the rest of a long queue is left to the alarm, which has its own time limit. */
const maxRunMs = 5 * 60_000;
const backoff = { firstMs: 1_000, maxMs: 10 * 60_000 };

/**
 * The service's transactions, in strict order, one at a time.
 *
 * 1. An entry is numbered with its transaction when it is queued: the newest one, unless that is being or
 *    has been sent, or is full. So the queue rows alone say what each transaction contains, for ever.
 * 2. `run` sends the oldest transaction until the service acknowledges it; then its rows go.
 * 3. Failures are counted and put off the next attempt. Nothing is ever skipped.
 * 4. The alarm is always set while something is queued. It is set directly, without a table of due work,
 *    because this object has no other work; in the ordinary case it finds nothing to do.
 */
export class DeliveryQueue {
  readonly #sqlite: Sqlite;
  readonly #storage: DurableObjectStorage;
  readonly #send: SendTransaction;
  /** The transaction that new entries join. Anything found in the queue at the start may have been sent. */
  #open: { txn: number; entries: number; bytes: number };
  #running = false;
  /** When the alarm rings, if it is known to be set. */
  #alarmMs: number | undefined;

  constructor(sqlite: Sqlite, storage: DurableObjectStorage, send: SendTransaction) {
    this.#sqlite = sqlite;
    this.#storage = storage;
    this.#send = send;
    const newest = Math.max(newestTxn(sqlite) ?? 0, readDelivery(sqlite).acknowledgedTxn);
    this.#open = { txn: newest + 1, entries: 0, bytes: 0 };
  }

  /** Queues; call it in the same write section as its cause, and `run` afterwards. */
  add(kind: QueueKind, value: object, nowMs: number): void {
    const body = JSON.stringify(value);
    const bytes = Buffer.byteLength(body);
    const waited = oldestTxn(this.#sqlite) !== undefined;
    const { entries, bytes: openBytes } = this.#open;
    const full = entries >= transactionLimits.maxEvents || openBytes + bytes > transactionLimits.maxBytes;
    if (full && entries > 0) this.#close(this.#open.txn);
    insertEntry(this.#sqlite, this.#open.txn, this.#open.entries, { kind, body, queuedMs: nowMs, waited });
    this.#open.entries += 1;
    this.#open.bytes += bytes;
    if (this.#alarmMs === undefined) this.#arm(nowMs + watchdogMs);
  }

  /** Delivers what is due. Safe to call at any time: a second call finds the first one at work. */
  async run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      const endMs = Date.now() + maxRunMs;
      while ((await this.#deliverOldest()) === 'delivered') {
        if (Date.now() > endMs) return this.#armBy(Date.now());
      }
    } finally {
      this.#running = false;
    }
  }

  /** For the alarm handler. */
  async alarm(): Promise<void> {
    this.#alarmMs = undefined;
    await this.run();
  }

  /** Whether the last attempt failed: what is of use only now need not be queued. */
  get isFailing(): boolean {
    return readDelivery(this.#sqlite).failures > 0;
  }

  /** Ends a pause after failures: the service has just shown itself alive. */
  async retryNow(): Promise<void> {
    clearBackoff(this.#sqlite);
    await this.run();
  }

  async #deliverOldest(): Promise<'delivered' | 'stopped'> {
    const txn = oldestTxn(this.#sqlite);
    if (txn === undefined) return 'stopped';
    const state = readDelivery(this.#sqlite);
    if (state.nextAttemptMs > Date.now()) {
      this.#armBy(state.nextAttemptMs);
      return 'stopped';
    }
    this.#close(txn);
    this.#armBy(Date.now() + watchdogMs);
    const { txnId, body } = this.#compose(txn, state);
    const problem = await this.#send(txnId, body);
    return problem === undefined ? this.#succeed(txn) : this.#fail(txnId, state.failures + 1, problem);
  }

  #compose(txn: number, state: DeliveryState): { txnId: string; body: JsonObject } {
    const entries = readTxn(this.#sqlite, txn);
    let formedMs = formedAt(txn, entries, state);
    if (formedMs === undefined) {
      formedMs = Date.now();
      recordFormed(this.#sqlite, txn, formedMs);
    }
    return composeTransaction(txn, entries, formedMs);
  }

  #succeed(txn: number): 'delivered' {
    deleteTxn(this.#sqlite, txn);
    recordSuccess(this.#sqlite, txn, Date.now());
    return 'delivered';
  }

  #fail(txnId: string, failures: number, problem: string): 'stopped' {
    const nextAttemptMs = Date.now() + backoffMs(failures, backoff);
    recordFailure(this.#sqlite, failures, problem, nextAttemptMs);
    this.#arm(nextAttemptMs);
    log('warn', 'appservice.delivery_failed', { txnId, failures, problem, nextAttemptMs });
    return 'stopped';
  }

  /** No entry joins transaction `txn` any more. */
  #close(txn: number): void {
    if (this.#open.txn === txn) this.#open = { txn: txn + 1, entries: 0, bytes: 0 };
  }

  #armBy(dueMs: number): void {
    if (this.#alarmMs === undefined || this.#alarmMs > dueMs) this.#arm(dueMs);
  }

  #arm(dueMs: number): void {
    this.#alarmMs = dueMs;
    void this.#storage.setAlarm(dueMs);
  }
}
