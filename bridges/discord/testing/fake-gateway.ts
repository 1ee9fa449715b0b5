import { runInDurableObject } from 'cloudflare:test';
import { GatewayOpcodes } from 'discord-api-types/v10';

interface ClientFrame {
  op: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what the client sent
  d: any;
}

/** The other end of the gateway's socket. It answers the handshake; tests send all else. */
export class FakeGateway {
  /** What clients sent, in order, over all sockets. */
  readonly received: ClientFrame[] = [];
  /** GUILD_CREATE and others that follow READY. */
  afterReady: { t: string; d: object }[] = [];
  acknowledges = true;
  resumable = true;
  readonly #stub: () => DurableObjectStub;
  readonly #sent: { s: number; t: string; d: object }[] = [];
  #socket: WebSocket | undefined;
  #sessions = 0;
  #seq = 0;

  constructor(stub: () => DurableObjectStub) {
    this.#stub = stub;
  }

  /** Answers the upgrade; called where the client fetches. */
  open(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    this.#socket = server;
    server.addEventListener('message', ({ data }) => this.#receive(JSON.parse(String(data)) as ClientFrame));
    server.addEventListener('close', () => {
      if (this.#socket === server) this.#socket = undefined;
    });
    server.send(JSON.stringify({ op: GatewayOpcodes.Hello, d: { heartbeat_interval: 41_250 } }));
    return new Response(null, { status: 101, webSocket: client });
  }

  sentBy(op: GatewayOpcodes): ClientFrame[] {
    return this.received.filter((frame) => frame.op === op);
  }

  /** A dispatch, kept for RESUME if no socket is there. @returns its sequence number */
  async dispatch(t: string, d: object): Promise<number> {
    const frame = this.#number(t, d);
    await this.#inside(() => this.#send({ op: GatewayOpcodes.Dispatch, ...frame }));
    return frame.s;
  }

  send(frame: object): Promise<void> {
    return this.#inside(() => this.#send(frame));
  }

  close(code: number): Promise<void> {
    return this.#inside(() => {
      this.#socket?.close(code);
      this.#socket = undefined;
    });
  }

  /** What happens while nobody is connected. */
  missed(t: string, d: object): void {
    this.#number(t, d);
  }

  /** Discord has forgotten the session. */
  forgetSession(): void {
    this.resumable = false;
  }

  #receive(frame: ClientFrame): void {
    this.received.push(frame);
    switch (frame.op) {
      case GatewayOpcodes.Identify:
        this.resumable = true;
        this.#seq = 0;
        this.#sent.length = 0;
        this.#deliver('READY', {
          v: 10,
          session_id: `session${++this.#sessions}`,
          resume_gateway_url: 'wss://resume.discord.test',
        });
        for (const { t, d } of this.afterReady) this.#deliver(t, d);
        return;
      case GatewayOpcodes.Resume:
        if (!this.resumable) {
          this.#send({ op: GatewayOpcodes.InvalidSession, d: false });
          return;
        }
        for (const missed of this.#sent.filter(({ s }) => s > frame.d.seq)) {
          this.#send({ op: GatewayOpcodes.Dispatch, ...missed });
        }
        this.#deliver('RESUMED', {});
        return;
      case GatewayOpcodes.Heartbeat:
        if (this.acknowledges) this.#send({ op: GatewayOpcodes.HeartbeatAck });
        return;
      default:
    }
  }

  #deliver(t: string, d: object): void {
    this.#send({ op: GatewayOpcodes.Dispatch, ...this.#number(t, d) });
  }

  #number(t: string, d: object) {
    const frame = { s: ++this.#seq, t, d };
    this.#sent.push(frame);
    return frame;
  }

  #send(frame: object): void {
    try {
      this.#socket?.send(JSON.stringify(frame));
    } catch {
      // The client is gone; what it missed is kept.
      this.#socket = undefined;
    }
  }

  /** Sockets belong to the object in which they were made. */
  async #inside(work: () => void): Promise<void> {
    await runInDurableObject(this.#stub(), work);
  }
}
