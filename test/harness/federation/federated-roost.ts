import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, Roost, type RoostOptions } from '../roost.ts';
import type { CertificateAuthority } from './certificates.ts';

export interface FederatedRoostOptions extends RoostOptions {
  ca: CertificateAuthority;
  /** By `host:port` or `host`, where that is found on this machine. */
  hosts?: Record<string, string>;
}

/** A server that others reach over TLS, and that reaches them; see docs/launcher.md. */
export interface FederatedRoost {
  roost: Roost;
  serverName: string;
  /** Of all APIs without TLS. */
  url: string;
  federationPort: number;
  stopAndRemove(): Promise<void>;
}

/** Without `serverName` it is called `localhost` with the port of its federation. */
export async function startFederatedRoost(options: FederatedRoostOptions): Promise<FederatedRoost> {
  const { ca, hosts = {}, ...rest } = options;
  const federationPort = await freePort();
  const serverName = options.serverName ?? `localhost:${federationPort}`;
  const dir = mkdtempSync(path.join(tmpdir(), 'roost-federation-'));
  const write = (name: string, text: string) => {
    const file = path.join(dir, name);
    writeFileSync(file, text);
    return file;
  };
  const { cert, key } = ca.issue(serverName.replace(/:\d+$/, ''));
  const roost = await Roost.start({
    ...rest,
    serverName,
    env: {
      HS_FED_PORT: String(federationPort),
      HS_TLS_CERT: write('cert.pem', cert),
      HS_TLS_KEY: write('key.pem', key),
      HS_CA_CERT: write('ca.pem', ca.cert),
      HS_HOSTS_JSON: write('hosts.json', JSON.stringify(hosts)),
      ...options.env,
    },
  });
  return {
    roost,
    serverName,
    url: roost.url,
    federationPort,
    async stopAndRemove() {
      await roost.stopAndRemove();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
