import path from 'node:path';
import { parseArgs } from 'node:util';
import { localVars, projectDir, readEnvironment } from '../config/local.ts';
import { discordBridge, slackBridge } from '../config/workers.ts';
import { openDataDir } from './lib/data-dir.ts';
import { failPlainly } from './lib/fail-plainly.ts';
import { logToFile } from './lib/log-file.ts';
import { localRegistrations } from './lib/registrations.ts';
import { startRuntime } from './lib/runtime.ts';
import { stopOnSignals } from './lib/stop-on-signals.ts';

/**
 * `npm run bridge -- slack --homeserver <url> --server-name <name>`: a bridge alone, for a homeserver that is not
 * Roost. That one has to be given the registrations, which are written at the first start, before anything can
 * work.
 */
const bridges = { slack: slackBridge, discord: discordBridge };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Where the homeserver's client-server API is. */
    homeserver: { type: 'string' },
    'server-name': { type: 'string' },
    port: { type: 'string', default: '8009' },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string' },
    /** Where the homeserver and the network reach the bridge, if not at host and port. */
    'public-url': { type: 'string' },
  },
});

failPlainly();
const [network] = positionals;
if (network !== 'slack' && network !== 'discord') throw new Error('which bridge? slack or discord');
const { homeserver, 'server-name': serverName } = values;
if (!homeserver || !serverName) throw new Error('--homeserver and --server-name are needed');
const dataDir = path.resolve(values.data ?? path.join(projectDir, `data-${network}`));
const publicBaseUrl = values['public-url'] ?? `http://${values.host}:${values.port}`;
const identity = openDataDir(dataDir, serverName);
const registrations = localRegistrations(dataDir, publicBaseUrl, serverName, [network, 'doublepuppet']);
const api = readEnvironment(['SLACK_API_URL', 'DISCORD_API_URL', 'DISCORD_CDN_URL']);
const log = logToFile(path.join(dataDir, 'bridge.log'));
const runtime = await startRuntime({
  dataDir,
  host: values.host,
  port: Number(values.port),
  workers: [bridges[network]],
  vars: localVars({
    ...identity,
    publicBaseUrl,
    homeserverUrl: homeserver.replace(/\/+$/, ''),
    registrations,
    slackApiUrl: api.SLACK_API_URL,
    discordApiUrl: api.DISCORD_API_URL,
    discordCdnUrl: api.DISCORD_CDN_URL,
    meter: false,
  }),
  onLog: log.write,
});
stopOnSignals(async () => {
  await runtime.stop();
  await log.close();
});

console.log(`The ${network} bridge is ready at ${publicBaseUrl}/_bridge/${network}

  Registrations for the homeserver   ${path.join(dataDir, 'appservices')}
  Data and log                       ${dataDir}
`);
