import { WebSocket } from 'ws';

/** A frame as the gateway sends it. */
export interface Frame {
  op: number;
  t: string | null;
  s: number | null;
  d: Record<string, unknown>;
}

/** A gateway client that does nothing by itself: tests send each frame and look at what came. */
export class BareSocket {
  readonly frames: Frame[] = [];
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #wake: () => void = () => {};

  constructor(url: string) {
    this.#socket = new WebSocket(`${url}?v=10&encoding=json`);
    this.#socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as Frame);
      this.#wake();
    });
    this.#socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.#socket.on('close', resolve));
  }

  async until(matches: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const frame = this.frames.find(matches);
      if (frame) return frame;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  send(op: number, d: unknown): void {
    this.#socket.send(JSON.stringify({ op, d }));
  }

  sendRaw(text: string): void {
    this.#socket.send(text);
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  drop(): void {
    this.#socket.terminate();
  }

  /** Connects and waits for HELLO. */
  static async greeted(url: string): Promise<BareSocket> {
    const socket = new BareSocket(url);
    await socket.until((frame) => frame.op === 10);
    return socket;
  }
}
