import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/**
 * TLS before a server, as an owner's front or Cloudflare ends it: some clients speak OAuth over nothing else. The
 * certificate is made for it by `openssl`, and trusted by this process.
 */
export class TlsFront {
  readonly url: string;
  readonly #server: Server;
  /** Where the requests go: the server behind it is started with the address of the front. */
  target = '';

  private constructor(server: Server) {
    this.#server = server;
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<TlsFront> {
    const credentials = makeCertificate();
    setDefaultCACertificates([...getCACertificates('default'), credentials.cert]);
    const server = createServer(credentials);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const front = new TlsFront(server);
    server.on('request', (incoming, answer) => {
      const { method, headers, url = '/' } = incoming;
      const outgoing = request(front.target + url, { method, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      // The server behind is stopped and started again by some.
      outgoing.on('error', () => answer.headersSent || answer.writeHead(502).end());
      answer.on('close', () => outgoing.destroy());
      incoming.pipe(outgoing);
    });
    return front;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function makeCertificate(): { key: string; cert: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'roost-tls-'));
  try {
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-nodes', '-days', '2', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', key, '-out', cert],
    ]);
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
