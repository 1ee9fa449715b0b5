import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';

export interface TlsFrontOptions {
  host: string;
  port: number;
  /** PEM. */
  cert: string;
  key: string;
  /** Where the same is served without TLS. */
  target: { host: string; port: number };
}

export interface TlsFront {
  port: number;
  stop(): Promise<void>;
}

/**
 * TLS before the runtime, whose own has no post-quantum key exchange: Node's prefers X25519MLKEM768 and goes on with
 * the classical ones.
 */
export async function startTlsFront(options: TlsFrontOptions): Promise<TlsFront> {
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 32 });
  const { cert, key, target } = options;
  const server = https.createServer({ cert, key }, (request, response) =>
    passOn(request, response, { ...target, agent }),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  target: { host: string; port: number; agent: http.Agent },
): void {
  const { method, url: path, headers } = request;
  const inner = http.request({ ...target, method, path, headers });
  inner.on('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  inner.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  response.on('close', () => {
    if (!response.writableFinished) inner.destroy();
  });
  request.on('error', () => inner.destroy());
  request.pipe(inner);
}
