import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CertificateAuthority } from '../../../harness/federation/certificates.ts';
import { freePort } from '../../../harness/roost.ts';
import { type TestAppservice, writeAppservice } from '../appservice.ts';
import type { FederationSetting } from '../target.ts';
import { HomeserverProcess } from './homeserver-process.ts';

/** What a test may know of a homeserver. */
export interface HomeserverFacts {
  name: string;
  serverName: string;
  /** Of all APIs without TLS. */
  url: string;
  appservice: TestAppservice;
}

/** The names under which servers of a run may be found on this machine. */
const hostNames = [
  ...Array.from({ length: 16 }, (_, index) => `hs${index + 1}`),
  ...Array.from({ length: 4 }, (_, index) => `peer${index + 1}`),
];
/** `hs1` to `hs3` are for all tests; the others are each for one that stops or restarts it. */
const sharedCount = 3;

interface Started {
  facts: HomeserverFacts;
  process: HomeserverProcess;
}

/**
 * The homeservers of a run. Tests run in threads of their own and ask for them over HTTP: `POST /hs1/start`, `/own`,
 * `/hs4/stop`. The shared ones are started when the first test asks.
 */
export async function startHomeservers(
  launcher: string,
): Promise<{ setting: FederationSetting; stop(): Promise<void> }> {
  const dir = mkdtempSync(path.join(tmpdir(), 'roost-conformance-federation-'));
  const authority = new CertificateAuthority();
  const write = (name: string, text: string) => {
    const file = path.join(dir, name);
    writeFileSync(file, text);
    return file;
  };
  const hostsFile = write(
    'hosts.json',
    JSON.stringify(Object.fromEntries(hostNames.map((name) => [name, '127.0.0.1']))),
  );
  const authorityFile = write('ca.pem', authority.cert);
  const started = new Map<string, Promise<Started>>();
  let owned = sharedCount;

  async function launch(name: string): Promise<Started> {
    const [client, federation] = [await freePort(), await freePort()];
    const serverName = `${name}:${federation}`;
    const { cert, key } = authority.issue(name);
    const appserviceDir = path.join(dir, `${name}-appservices`);
    mkdirSync(appserviceDir);
    const { appservice } = writeAppservice(appserviceDir);
    const process = new HomeserverProcess(
      launcher,
      {
        HS_SERVER_NAME: serverName,
        HS_CLIENT_PORT: String(client),
        HS_FED_PORT: String(federation),
        HS_TLS_CERT: write(`${name}.pem`, cert),
        HS_TLS_KEY: write(`${name}.key`, key),
        HS_CA_CERT: authorityFile,
        HS_HOSTS_JSON: hostsFile,
        HS_DATA_DIR: path.join(dir, name),
        HS_APPSERVICE_DIR: appserviceDir,
        HS_REGISTRATION_SHARED_SECRET: 'test-shared-secret',
      },
      { client, federation },
    );
    await process.start();
    return { facts: { name, serverName, url: `http://127.0.0.1:${client}`, appservice }, process };
  }

  async function obey(name: string, action: string): Promise<HomeserverFacts> {
    if (action === 'start' && !started.has(name)) started.set(name, launch(name));
    const { facts, process } = await (started.get(name) ?? Promise.reject(new Error(`no server ${name}`)));
    if (action === 'stop') await process.stop();
    else if (action === 'kill') await process.kill();
    else if (action === 'restart') await process.start();
    else if (action === 'pause') process.pause();
    else if (action === 'resume') process.resume();
    return facts;
  }

  const control = http.createServer(async (request, response) => {
    const [, first = '', second = ''] = (request.url ?? '').split('/');
    const [name, action] = first === 'own' ? [`hs${++owned}`, 'start'] : [first, second];
    const answer = await obey(name, action).then(
      (facts) => ({ status: 200, text: JSON.stringify(facts) }),
      (error: Error) => ({ status: 500, text: error.message }),
    );
    response.writeHead(answer.status).end(answer.text);
  });
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve));
  const { port } = control.address() as AddressInfo;

  return {
    setting: { control: `http://127.0.0.1:${port}`, authority: authority.toPem() },
    async stop() {
      control.close();
      control.closeAllConnections();
      const all = await Promise.allSettled(started.values());
      await Promise.all(
        all.map(async (result) => {
          if (result.status !== 'fulfilled') return;
          result.value.process.resume();
          await result.value.process.stop();
        }),
      );
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
