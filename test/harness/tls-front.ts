import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { startTlsFront } from '../../scripts/lib/tls-front.ts';

/**
 * TLS before a server for clients that speak OAuth over nothing else. The certificate is made for it by `openssl`, and
 * trusted by this process.
 * @param port of the server, which is started afterwards with the address of the front as its own
 */
export async function startTestTlsFront(port: number): Promise<{ url: string; stop(): Promise<void> }> {
  const credentials = makeCertificate();
  setDefaultCACertificates([...getCACertificates('default'), credentials.cert]);
  const host = '127.0.0.1';
  const front = await startTlsFront({ host, port: 0, ...credentials, target: { host, port } });
  return { url: `https://${host}:${front.port}`, stop: front.stop };
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
