import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { readLauncherSettings } from '../config/launcher.ts';
import { localVars, ownersChoices } from '../config/local.ts';
import { homeserver, workers } from '../config/workers.ts';
import { openDataDir } from './lib/data-dir.ts';
import { failPlainly } from './lib/fail-plainly.ts';
import { loadRegistrations, localRegistrations } from './lib/registrations.ts';
import { startRuntime } from './lib/runtime.ts';
import { stopOnSignals } from './lib/stop-on-signals.ts';
import { startTlsFront } from './lib/tls-front.ts';

failPlainly();
const settings = readLauncherSettings();
await refusePublicName(settings.HS_SERVER_NAME);
const { HS_FED_PORT: federationPort, HS_TLS_CERT: certFile, HS_TLS_KEY: keyFile } = settings;
if (federationPort !== undefined && !(certFile && keyFile)) {
  throw new Error('HS_FED_PORT: needs HS_TLS_CERT and HS_TLS_KEY');
}

const identity = openDataDir(settings.HS_DATA_DIR, settings.HS_SERVER_NAME);
const publicBaseUrl = settings.HS_CLIENT_URL ?? `http://${settings.HS_BIND_ADDR}:${settings.HS_CLIENT_PORT}`;
const hosts = settings.HS_HOSTS_JSON
  ? (JSON.parse(readFileSync(settings.HS_HOSTS_JSON, 'utf8')) as Record<string, string>)
  : {};
const withBridges = settings.HS_BRIDGES === '1';
const writeLog = (line: string) => void process.stderr.write(`${line}\n`);

const runtime = await startRuntime({
  dataDir: settings.HS_DATA_DIR,
  host: settings.HS_BIND_ADDR,
  port: settings.HS_CLIENT_PORT,
  workers: withBridges ? workers : [homeserver],
  vars: localVars({
    ...identity,
    publicBaseUrl,
    registrations: [
      ...(settings.HS_APPSERVICE_DIR ? loadRegistrations(settings.HS_APPSERVICE_DIR) : []),
      ...(withBridges ? localRegistrations(settings.HS_DATA_DIR, publicBaseUrl, identity.serverName) : []),
    ],
    homeserver: {
      KEY_NOTARIES: '[]',
      DNS_OVER_HTTPS_URL: '',
      SHORT_BACKOFF: '1',
      PRESENCE: 'on',
      URL_PREVIEWS: 'on',
      // Of these by their own names; that they are elsewhere is known to federation alone.
      URL_PREVIEW_HOSTS: JSON.stringify(['localhost', '127.0.0.1', ...Object.keys(hosts)]),
      ...ownersChoices(),
      OPEN_REGISTRATION: settings.HS_OPEN_REGISTRATION,
      RATE_LIMITS: settings.HS_RATE_LIMITS,
      PASSWORD_POLICY: settings.HS_PASSWORD_POLICY,
      ...(settings.HS_DEFAULT_ROOM_VERSION && { DEFAULT_ROOM_VERSION: settings.HS_DEFAULT_ROOM_VERSION }),
      ...(settings.HS_REGISTRATION_SHARED_SECRET && {
        REGISTRATION_SHARED_SECRET: settings.HS_REGISTRATION_SHARED_SECRET,
      }),
    },
    slackApiUrl: settings.SLACK_API_URL,
    discordApiUrl: settings.DISCORD_API_URL,
    discordCdnUrl: settings.DISCORD_CDN_URL,
    meter: settings.HS_METER === '1',
  }),
  outbound: {
    hosts,
    allowsLoopback: true,
  },
  cheapPasswords: settings.HS_CHEAP_PASSWORDS === '1',
  onLog: writeLog,
});
const front =
  federationPort !== undefined && certFile && keyFile
    ? await startTlsFront({
        host: settings.HS_BIND_ADDR,
        port: federationPort,
        cert: readFileSync(certFile, 'utf8'),
        key: readFileSync(keyFile, 'utf8'),
        target: { host: settings.HS_BIND_ADDR, port: settings.HS_CLIENT_PORT },
      })
    : undefined;
stopOnSignals(async () => {
  await front?.stop();
  await runtime.stop();
});
writeLog(JSON.stringify({ level: 'info', event: 'launcher.ready', url: runtime.url }));

/** Open registration under a name that others can reach would be an open door. */
async function refusePublicName(serverName: string): Promise<void> {
  const host = serverName.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  const addresses = await Promise.race([
    lookup(host, { all: true }).catch(() => []),
    new Promise<[]>((resolve) => setTimeout(resolve, 1000, []).unref()),
  ]);
  const local = new BlockList();
  for (const [net, bits] of [
    ['127.0.0.0', 8],
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['169.254.0.0', 16],
  ] as const) {
    local.addSubnet(net, bits, 'ipv4');
  }
  for (const [net, bits] of [
    ['::1', 128],
    ['fc00::', 7],
    ['fe80::', 10],
  ] as const)
    local.addSubnet(net, bits, 'ipv6');
  const outside = addresses.find(
    ({ address, family }) => !local.check(address, family === 6 ? 'ipv6' : 'ipv4'),
  );
  if (outside) throw new Error(`${serverName} is a public name: this launcher is for tests only`);
}
