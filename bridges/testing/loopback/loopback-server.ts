import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request with its body read; simulators decide on these and answer with `Reply`. */
export interface LoopbackRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: Buffer;
}

export type Reply =
  | { kind: 'reply'; status: number; headers: Record<string, string>; body: string | Buffer }
  /** The socket is destroyed without an answer. */
  | { kind: 'cut' }
  /** No answer ever; the socket stays open until the simulator stops. */
  | { kind: 'hang' };

export function jsonReply(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return {
    kind: 'reply',
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

export function emptyReply(status: number, headers: Record<string, string> = {}): Reply {
  return { kind: 'reply', status, headers, body: '' };
}

const maxBodyBytes = 64 * 1024 * 1024;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBodyBytes) throw new Error('request body too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.kind === 'hang') return;
  if (reply.kind === 'cut') {
    response.destroy();
    return;
  }
  const length = Buffer.byteLength(reply.body);
  const body = reply.status === 204 ? {} : { 'content-length': String(length) };
  response.writeHead(reply.status, { ...body, ...reply.headers });
  response.end(reply.status === 204 ? undefined : reply.body);
}

/** One HTTP server on 127.0.0.1. An exception in the handler is a bug of the simulator and is reported as such. */
export class LoopbackServer {
  readonly server: Server;
  readonly origin: string;

  private constructor(server: Server) {
    this.server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async listen(
    port: number,
    handle: (request: LoopbackRequest) => Promise<Reply>,
    onBug: (error: unknown) => void,
  ): Promise<LoopbackServer> {
    const server = createServer((incoming, response) => {
      void (async () => {
        const body = await readBody(incoming);
        const headers: Record<string, string> = {};
        for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
        const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
        send(response, await handle({ method: incoming.method ?? 'GET', url, headers, body }));
      })().catch((error: unknown) => {
        onBug(error);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return new LoopbackServer(server);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
