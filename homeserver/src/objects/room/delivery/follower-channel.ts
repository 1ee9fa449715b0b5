import type { UserId } from '../../../../../matrix/identifiers.ts';
import type { Receipt } from '../../../storage/room/receipts.ts';
import type { DeltaResult } from '../../room-rpc.ts';
import { within } from './within.ts';

const sendTimeoutMs = 30_000;
const maxReceipts = 200;
/** A follower that answers `gap` more often than this gets a snapshot, and then is given up until later. */
const maxGaps = 3;

/** What is to be told besides events. */
export interface Ephemeral {
  typing: boolean;
  receipts: readonly Receipt[];
  /** Users of ours who have come, of whose devices other servers do not know yet. */
  newcomers: readonly UserId[];
}

export interface ChannelPorts<Delta> {
  /** What the follower lacks that has reached `position`; nothing if it lacks nothing. */
  build(position: number, isConfirmed: boolean, news: Ephemeral, forceSnapshot: boolean): Delta | undefined;
  send(delta: Delta): Promise<DeltaResult>;
  /** @returns whether there may be more to send at once */
  onApplied(delta: Delta): boolean;
  onFailure(failures: number, error: unknown): void;
}

/**
 * The way to one follower: one delta in flight, built when it is sent, so that what accumulates meanwhile
 * goes together. All of it is memory; after a crash the follower's answers say what it has.
 */
export class FollowerChannel<Delta extends { position: number }> {
  readonly #ports: ChannelPorts<Delta>;
  /** What the follower has reached: told by it, or assumed before its first answer. */
  #position: number;
  #isConfirmed = false;
  #isDirty = false;
  #typing = false;
  #receipts: Receipt[] = [];
  #newcomers: UserId[] = [];
  #isRunning = false;
  #run: Promise<void> = Promise.resolve();
  #failures = 0;
  /** Gaps answered one after the other. */
  #gaps = 0;
  /** The follower asked to be told anew. */
  #anew = false;

  constructor(assumedPosition: number, ports: ChannelPorts<Delta>) {
    this.#position = assumedPosition;
    this.#ports = ports;
  }

  get position(): number {
    return this.#position;
  }

  /** The follower has answered this instance, so its position is known. */
  get isConfirmed(): boolean {
    return this.#isConfirmed;
  }

  /** Something is on its way, or failed and waits to be sent again. */
  get isBusy(): boolean {
    return this.#isRunning || this.#isDirty;
  }

  get failures(): number {
    return this.#failures;
  }

  get hasReceipts(): boolean {
    return this.#receipts.length > 0;
  }

  add({ typing = false, receipts = [], newcomers = [] }: Partial<Ephemeral>): void {
    this.#typing ||= typing;
    this.#newcomers.push(...newcomers);
    this.#receipts = [...this.#receipts, ...receipts].slice(-maxReceipts);
  }

  /** Tells the follower what it lacks. Resolves when it has all, or failed. */
  wake(): Promise<void> {
    this.#isDirty = true;
    if (!this.#isRunning) this.#run = this.#tellAll();
    return this.#run;
  }

  /** Resolves when nothing is on its way any more. */
  settled(): Promise<void> {
    return this.#run;
  }

  async #tellAll(): Promise<void> {
    this.#isRunning = true;
    this.#gaps = 0;
    let goesOn = true;
    try {
      while (goesOn && this.#isDirty) goesOn = await this.#tellOnce();
    } finally {
      this.#isRunning = false;
    }
  }

  /** @returns whether to go on at once, if there is more */
  async #tellOnce(): Promise<boolean> {
    this.#isDirty = false;
    const news = { typing: this.#typing, receipts: this.#receipts, newcomers: this.#newcomers };
    this.#typing = false;
    this.#receipts = [];
    this.#newcomers = [];
    try {
      const delta = this.#ports.build(
        this.#position,
        this.#isConfirmed,
        news,
        this.#anew || this.#gaps > maxGaps,
      );
      if (delta) await this.#send(delta, news);
      return true;
    } catch (error) {
      this.#keep(news);
      this.#failures += 1;
      this.#ports.onFailure(this.#failures, error);
      return false;
    }
  }

  async #send(delta: Delta, news: Ephemeral): Promise<void> {
    const result = await within(sendTimeoutMs, this.#ports.send(delta));
    if (!result) throw new Error('no answer in time');
    this.#isConfirmed = true;
    if (result.kind === 'gap') {
      this.#gaps += 1;
      if (this.#gaps > maxGaps + 1) throw new Error('gap after gap');
      this.#position = result.position;
      this.#anew = result.anew ?? false;
      this.#keep(news);
      return;
    }
    this.#gaps = 0;
    this.#anew = false;
    this.#failures = 0;
    this.#position = delta.position;
    if (this.#ports.onApplied(delta)) this.#isDirty = true;
  }

  /** What was not delivered goes with the next delta, before what came since. */
  #keep({ typing, receipts, newcomers }: Ephemeral): void {
    const newer = this.#receipts;
    this.#receipts = [];
    this.add({ typing, receipts: [...receipts, ...newer], newcomers });
    this.#isDirty = true;
  }
}
