import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { CertificateAuthority } from './certificates.ts';

export interface Gate {
  /** `host:port`, to be found in place of the server. */
  address: string;
  /** What waits goes on, and nothing waits any more. */
  open(): void;
  /** How many requests wait. */
  waiting(): number;
  stop(): Promise<void>;
}

/** Stands before a server of this machine, and keeps back requests until it is opened. */
export async function gateBefore(
  ca: CertificateAuthority,
  federationPort: number,
  keepsBack: (path: string) => boolean,
): Promise<Gate> {
  let isOpen = false;
  const held = new Set<() => void>();
  const server = https.createServer(ca.issue('localhost'), (request, response) => {
    const pass = () => {
      held.delete(pass);
      const { method, url: path, headers } = request;
      const onward = {
        host: '127.0.0.1',
        port: federationPort,
        method,
        path,
        headers,
        rejectUnauthorized: false,
      };
      const forwarded = https.request(onward, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      forwarded.on('error', () => response.destroy());
      request.pipe(forwarded);
    };
    if (isOpen || !keepsBack(request.url ?? '')) return pass();
    held.add(pass);
    response.on('close', () => held.delete(pass));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    open() {
      isOpen = true;
      for (const pass of held) pass();
    },
    waiting: () => held.size,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
