import { errorText, log } from '../../../platform/log.ts';
import type { RemoteEvent } from '../../core/remote-event.ts';
import type { RemoteChatId } from '../../core/remote-ids.ts';
import { type DispatchEffects, noEffects } from './dispatch-effects.ts';
import { dispatchHandlers } from './dispatch-handlers.ts';
import type { GatewayStore } from './storage/gateway-store.ts';

/** A dispatch as it came from the socket. */
export interface Dispatch {
  sessionId: string;
  seq: number;
  name: string;
  data: unknown;
}

export interface IntakeOptions {
  store: GatewayStore;
  now: () => number;
  enqueue: (chatId: RemoteChatId, loginId: string, events: RemoteEvent[]) => Promise<void>;
  onResync: () => void;
  /** The portals do not take what came: everything after the accepted sequence number is needed again. */
  onRefused: () => void;
}

/** A portal that refuses the same dispatch this often loses it, so that the others get theirs. */
const maxRefusals = 8;
const maxBatch = 50;

/**
 * Hands dispatches to the portals in the order in which they came. The sequence number is kept only when the
 * portals have made them durable; until then a crash, or a refusal, is repaired by Discord's replay.
 */
export class Intake {
  readonly #options: IntakeOptions;
  #queue: Dispatch[] = [];
  #isDraining = false;
  #refused: { seq: number; times: number } = { seq: -1, times: 0 };

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  take(dispatch: Dispatch): void {
    this.#queue.push(dispatch);
    if (!this.#isDraining) void this.#drain();
  }

  /** What is queued will come again. */
  clear(): void {
    this.#queue = [];
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    try {
      while (this.#queue.length > 0) await this.#handle(this.#queue.splice(0, maxBatch));
    } catch (error) {
      log('warn', 'discord.portal_refused', { error: errorText(error) });
      this.clear();
      this.#options.onRefused();
    } finally {
      this.#isDraining = false;
    }
  }

  async #handle(batch: readonly Dispatch[]): Promise<void> {
    const { store, enqueue, onResync } = this.#options;
    const owner = store.session.owner();
    const last = batch.at(-1);
    if (!owner || !last) return;
    const effects = batch.map((dispatch) => this.#apply(dispatch));
    const byChat = Map.groupBy(
      effects.flatMap(({ deliveries }) => deliveries),
      ({ chatId }) => chatId,
    );
    const results = await Promise.allSettled(
      [...byChat].map(([chatId, deliveries]) =>
        enqueue(
          chatId,
          owner.loginId,
          deliveries.map(({ event }) => event),
        ),
      ),
    );
    const refusal = results.find((result) => result.status === 'rejected');
    if (refusal && !this.#isPoison(last.seq)) throw refusal.reason;
    for (const { channelId, messageId } of newestSeen(effects)) store.channels.setSeen(channelId, messageId);
    for (const channelId of effects.flatMap(({ forgotten }) => forgotten)) store.channels.delete(channelId);
    store.session.accept(last.sessionId, last.seq);
    if (effects.some(({ resync }) => resync)) onResync();
  }

  #apply(dispatch: Dispatch): DispatchEffects {
    const { store, now } = this.#options;
    const owner = store.session.owner();
    const handler = dispatchHandlers[dispatch.name];
    if (!owner || !handler) return noEffects;
    const dispatchId = `${dispatch.sessionId.slice(0, 8)}-${dispatch.seq}`;
    try {
      return handler({ store, owner, nowMs: now(), dispatchId }, dispatch.data);
    } catch (error) {
      log('warn', 'discord.dispatch_ignored', { dispatch: dispatch.name, error: errorText(error) });
      return noEffects;
    }
  }

  #isPoison(seq: number): boolean {
    this.#refused = this.#refused.seq === seq ? { seq, times: this.#refused.times + 1 } : { seq, times: 1 };
    if (this.#refused.times < maxRefusals) return false;
    log('error', 'discord.dispatches_lost', { seq });
    return true;
  }
}

function newestSeen(effects: readonly DispatchEffects[]): DispatchEffects['seen'] {
  const all = effects.flatMap(({ seen }) => seen);
  return [...new Map(all.map((one) => [one.channelId, one])).values()];
}
