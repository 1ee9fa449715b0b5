import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { readLauncherSettings } from '../config/launcher.ts';
import { failPlainly } from './lib/fail-plainly.ts';
import { installSynapse, python } from './lib/synapse-process.ts';
import { writeSynapseSettings } from './lib/synapse-settings.ts';

/** What `scripts/launch-synapse` does before it becomes Synapse: installs it, and translates its settings. */
failPlainly();
const settings = readLauncherSettings();
const { HS_DATA_DIR: dir, HS_APPSERVICE_DIR: appserviceDir } = settings;
const { HS_FED_PORT: federationPort, HS_TLS_CERT: cert, HS_TLS_KEY: key, HS_CA_CERT: ca } = settings;
const missing = installSynapse();
if (missing) throw new Error(missing);
mkdirSync(dir, { recursive: true });
const file = writeSynapseSettings({
  dir,
  serverName: settings.HS_SERVER_NAME,
  port: settings.HS_CLIENT_PORT,
  appserviceFiles: appserviceDir
    ? readdirSync(appserviceDir).map((name) => path.join(appserviceDir, name))
    : [],
  sharedSecret: settings.HS_REGISTRATION_SHARED_SECRET ?? '',
  defaultRoomVersion: settings.HS_DEFAULT_ROOM_VERSION,
  federation:
    federationPort !== undefined && cert && key && ca ? { port: federationPort, cert, key, ca } : undefined,
});
if (!existsSync(path.join(dir, 'signing.key'))) {
  const launch = ['-m', 'synapse.app.homeserver', '-c', file, '--generate-keys'];
  const { status, stderr } = spawnSync(python, launch, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Synapse makes no keys: ${stderr}`);
}
