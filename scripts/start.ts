import path from 'node:path';
import { parseArgs } from 'node:util';
import { localVars, ownersChoices, projectDir } from '../config/local.ts';
import { workers } from '../config/workers.ts';
import { openDataDir } from './lib/data-dir.ts';
import { failPlainly } from './lib/fail-plainly.ts';
import { logToFile } from './lib/log-file.ts';
import { ownerSetupLink } from './lib/owner-setup.ts';
import { localRegistrations } from './lib/registrations.ts';
import { startRuntime } from './lib/runtime.ts';
import { stopOnSignals } from './lib/stop-on-signals.ts';

/** `npm start`: the homeserver and both bridges on this machine, all data in one folder. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8008' },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string', default: path.join(projectDir, 'data') },
    /** Permanent: part of every user id. Asked for only at the first start. */
    'server-name': { type: 'string' },
    /** The address that clients use, if a front with TLS stands before this. */
    'public-url': { type: 'string' },
  },
});

failPlainly();
const dataDir = path.resolve(values.data);
const identity = openDataDir(dataDir, values['server-name']);
const publicBaseUrl = values['public-url'] ?? `http://${values.host}:${values.port}`;
const log = logToFile(path.join(dataDir, 'roost.log'));
const runtime = await startRuntime({
  dataDir,
  host: values.host,
  port: Number(values.port),
  workers,
  vars: localVars({
    ...identity,
    publicBaseUrl,
    registrations: localRegistrations(dataDir, publicBaseUrl, identity.serverName),
    homeserver: ownersChoices(),
    meter: false,
  }),
  onLog: log.write,
});
stopOnSignals(async () => {
  await runtime.stop();
  await log.close();
});

console.log(`Roost is ready.

  Homeserver address   ${publicBaseUrl}
  Server name          ${identity.serverName}
  Data and log         ${dataDir}
`);
const link = await ownerSetupLink(runtime.url, publicBaseUrl, identity.adminToken);
if (link) console.log(`Create your account in a browser (this link works once):\n\n  ${link}\n`);
const elsewhere = [
  ...(values.port === '8008' && values.host === '127.0.0.1' ? [] : [`--url ${runtime.url}`]),
  ...(dataDir === path.join(projectDir, 'data') ? [] : [`--data ${dataDir}`]),
];
const linkCommand = ['npm run link -- slack', `--user @you:${identity.serverName}`, ...elsewhere].join(' ');
console.log(`Connect a network: ${linkCommand}   (or discord)
Stop with Ctrl+C.`);
