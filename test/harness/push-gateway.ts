import { createServer, type Server } from 'node:http';
import { Ajv } from 'ajv';
import schema from '../specs/push-gateway/notify.schema.json' with { type: 'json' };

/** What a gateway is told, as far as tests look at it. */
export interface Notification {
  event_id?: string;
  room_id?: string;
  type?: string;
  sender?: string;
  sender_display_name?: string;
  room_name?: string;
  prio?: string;
  content?: Record<string, unknown>;
  counts?: { unread?: number };
  devices: { app_id: string; pushkey: string; data?: object; tweaks?: object }[];
}

const isRequest = new Ajv({ strict: false, formats: { int64: true } }).compile(schema);

/** Why a body is none that the push gateway API allows. */
export function problemsOf(body: unknown): string[] {
  return isRequest(body)
    ? []
    : (isRequest.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

/** A push gateway that checks what it is sent and keeps it. */
export class PushGateway {
  /** Every request that was taken, repetitions included. */
  readonly received: Notification[] = [];
  /** Requests that the specification does not allow. */
  readonly problems: string[] = [];
  /** Keys to be rejected. */
  readonly rejected = new Set<string>();
  /** While set, requests are counted and refused. */
  isDown = false;
  refusals = 0;
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (this.isDown) {
        this.refusals += 1;
        response.writeHead(502).end('down');
        return;
      }
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const problems = problemsOf(body);
      if (request.method !== 'POST' || request.url !== '/_matrix/push/v1/notify') problems.push('wrong path');
      this.problems.push(...problems);
      if (problems.length > 0) {
        response.writeHead(400).end('{}');
        return;
      }
      const { notification } = body as { notification: Notification };
      this.received.push(notification);
      const rejected = notification.devices
        .map((device) => device.pushkey)
        .filter((key) => this.rejected.has(key));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ rejected }));
    });
  }

  static async start(): Promise<PushGateway> {
    const gateway = new PushGateway();
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve));
    const address = gateway.#server.address();
    if (typeof address === 'object' && address) gateway.#port = address.port;
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/_matrix/push/v1/notify`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
