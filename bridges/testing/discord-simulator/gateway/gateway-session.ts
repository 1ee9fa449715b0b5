import type { Faults } from '../faults.ts';
import type { Application, World } from '../world.ts';

export interface DispatchFrame {
  op: 0;
  t: string;
  s: number;
  d: Record<string, unknown>;
}

/** Where a session sends: the socket it has now. */
export type Send = (frame: DispatchFrame) => void;

/** After a disconnect a session can be resumed for some minutes. */
const resumableForMs = 180_000;
const maxBuffered = 10_000;

/** What a bot's connection has been told, kept across sockets so that RESUME can repeat it. */
export class GatewaySession {
  readonly id: string;
  readonly application: Application;
  readonly intents: number;
  readonly #world: World;
  readonly #faults: Faults;
  readonly #sent: DispatchFrame[] = [];
  #seq = 0;
  #send: Send | undefined;
  #ended = false;
  #disconnectedMs: number | undefined;
  #held: { event: string; data: Record<string, unknown> }[] = [];
  #holdUntil = 0;

  constructor(world: World, faults: Faults, application: Application, intents: number) {
    this.#world = world;
    this.#faults = faults;
    this.application = application;
    this.intents = intents;
    this.id = world.ids.hex(32);
  }

  get seq(): number {
    return this.#seq;
  }

  get isConnected(): boolean {
    return this.#send !== undefined;
  }

  get isResumable(): boolean {
    if (this.#ended) return false;
    const sinceMs = this.#disconnectedMs;
    return sinceMs === undefined || this.#world.clock.nowMs() - sinceMs <= resumableForMs;
  }

  connect(send: Send): void {
    this.#send = send;
    this.#disconnectedMs = undefined;
  }

  disconnect(): void {
    this.#send = undefined;
    this.#disconnectedMs = this.#world.clock.nowMs();
  }

  end(): void {
    this.#ended = true;
  }

  /** Numbers a dispatch and sends it, or keeps it for a RESUME. Faults come before the number. */
  dispatch(event: string, data: Record<string, unknown>): void {
    const holdFor = this.#faults.takeReorderSize();
    if (holdFor > 0) this.#holdUntil = holdFor;
    if (this.#holdUntil > 0) {
      this.#held.push({ event, data });
      if (this.#held.length < this.#holdUntil) return;
      const held = this.#held.reverse();
      this.#held = [];
      this.#holdUntil = 0;
      for (const one of held) this.deliver(one.event, one.data);
      return;
    }
    const fault = this.#faults.takeForDispatch(event);
    if (fault?.kind === 'drop') return;
    if (fault?.kind === 'delay') {
      this.#world.clock.schedule(fault.delayMs, () => this.deliver(event, data));
      return;
    }
    this.deliver(event, data);
    if (fault?.kind === 'duplicate') this.deliver(event, data);
  }

  /** As `dispatch`, but without faults: what belongs to the handshake. */
  deliver(event: string, data: Record<string, unknown>): void {
    this.#seq += 1;
    const frame: DispatchFrame = { op: 0, t: event, s: this.#seq, d: data };
    this.#sent.push(frame);
    if (this.#sent.length > maxBuffered) this.#sent.shift();
    this.#send?.(frame);
  }

  /** Everything after `seq`, for RESUME. */
  since(seq: number): DispatchFrame[] {
    return this.#sent.filter((frame) => frame.s > seq);
  }
}
