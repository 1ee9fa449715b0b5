import { emptyReply, type LoopbackRequest, LoopbackServer, type Reply } from './loopback-server.ts';

/** A server that a test owns: it records what it is sent and answers as told. */
export class EventReceiver {
  readonly received: LoopbackRequest[] = [];
  readonly url: string;
  readonly #server: LoopbackServer;

  private constructor(server: LoopbackServer) {
    this.#server = server;
    this.url = `${server.origin}/events`;
  }

  /** `answer` sees each request after it was recorded; by default 200. */
  static async start(answer: (request: LoopbackRequest) => Reply | Promise<Reply> = () => emptyReply(200)) {
    let receiver: EventReceiver | undefined;
    const server = await LoopbackServer.listen(
      0,
      async (request) => {
        receiver?.received.push(request);
        return await answer(request);
      },
      () => {},
    );
    receiver = new EventReceiver(server);
    return receiver;
  }

  /** The bodies, parsed. */
  get bodies(): Record<string, unknown>[] {
    return this.received.map((request) => JSON.parse(request.body.toString()) as Record<string, unknown>);
  }

  stop(): Promise<void> {
    return this.#server.close();
  }
}
