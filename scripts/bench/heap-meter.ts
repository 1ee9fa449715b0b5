import { setTimeout } from 'node:timers/promises';
import { WebSocket } from 'ws';

interface Usage {
  usedSize: number;
  embedderHeapUsedSize?: number;
  backingStorageSize?: number;
}

const pollMs = 50;

/**
 * The most memory that the isolate has had in use, by V8's own account over the inspector: what the 128 MiB of a Worker
 * are about. Garbage that was not collected yet counts, so it is an upper bound.
 */
export class HeapMeter {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: Usage) => void>();
  #nextId = 1;
  #peak = 0;
  #isOn = true;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: Usage };
      if (id === undefined || !result) return;
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
  }

  /** @param inspectorUrl as Miniflare tells it */
  static async start(inspectorUrl: URL): Promise<HeapMeter> {
    const response = await fetch(`http://${inspectorUrl.host}/json`);
    const targets = (await response.json()) as { id: string; webSocketDebuggerUrl: string }[];
    const target = targets.find(({ id }) => id === 'core:user:bench');
    if (!target) throw new Error('nothing to inspect');
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const meter = new HeapMeter(socket);
    void meter.#poll();
    return meter;
  }

  /** Begins anew. */
  reset(): void {
    this.#peak = 0;
  }

  get peakMb(): number {
    return this.#peak / 1024 / 1024;
  }

  stop(): void {
    this.#isOn = false;
    this.#socket.close();
  }

  async #poll(): Promise<void> {
    while (this.#isOn) {
      await this.#sample();
      await setTimeout(pollMs);
    }
  }

  async #sample(): Promise<void> {
    const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await this.#ask();
    this.#peak = Math.max(this.#peak, usedSize + embedderHeapUsedSize + backingStorageSize);
  }

  #ask(): Promise<Usage> {
    const id = this.#nextId++;
    this.#socket.send(JSON.stringify({ id, method: 'Runtime.getHeapUsage' }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}
