import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Roost } from '../../harness/roost.ts';
import { knownFailures } from '../known-gaps.ts';
import { type TestAppservice, writeAppservice } from './appservice.ts';
import { startHomeservers } from './federation/homeservers.ts';
import type { Target } from './target.ts';

interface Project {
  provide(name: 'conformanceTarget', target: Target): void;
}

const ownLauncher = path.resolve('scripts/launch-homeserver');

/**
 * One server for the whole run, and a launcher of those that federate: the one that `CONFORMANCE_TARGET` names, or else a Roost of our own. The options of
 * `scripts/conformance.ts` come as environment variables.
 */
export async function setup(project: Project): Promise<() => Promise<void>> {
  const env = process.env;
  const launcher = env.CONFORMANCE_LAUNCHER ?? (env.CONFORMANCE_TARGET ? undefined : ownLauncher);
  const homeservers = launcher ? await startHomeservers(launcher) : undefined;
  const federation = homeservers?.setting;
  if (env.CONFORMANCE_TARGET) {
    const versions = await fetch(new URL('/_matrix/client/versions', env.CONFORMANCE_TARGET));
    if (!versions.ok) throw new Error(`${env.CONFORMANCE_TARGET} is no homeserver: ${versions.status}`);
    project.provide('conformanceTarget', {
      url: env.CONFORMANCE_TARGET.replace(/\/+$/, ''),
      ...(env.CONFORMANCE_SERVER_NAME && { serverName: env.CONFORMANCE_SERVER_NAME }),
      ...(env.CONFORMANCE_SHARED_SECRET && { registrationSharedSecret: env.CONFORMANCE_SHARED_SECRET }),
      ...(env.CONFORMANCE_TOKEN && { registrationToken: env.CONFORMANCE_TOKEN }),
      ...(env.CONFORMANCE_APPSERVICE && {
        appservice: JSON.parse(env.CONFORMANCE_APPSERVICE) as TestAppservice,
      }),
      ...(federation && { federation }),
      knownFailures: JSON.parse(env.CONFORMANCE_KNOWN_FAILURES ?? '{}') as Record<string, string>,
    });
    return async () => homeservers?.stop();
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'roost-conformance-'));
  const { appservice } = writeAppservice(folder);
  const roost = await Roost.start({
    serverName: 'roost.test',
    appserviceDir: folder,
    env: { PRESENCE: 'on' },
  });
  const target: Target = {
    url: roost.url,
    serverName: roost.serverName,
    registrationSharedSecret: 'test-shared-secret',
    adminToken: roost.identity().adminToken,
    appservice,
    ...(federation && { federation }),
    knownFailures,
  };
  project.provide('conformanceTarget', target);
  return async () => {
    await homeservers?.stop();
    await roost.stopAndRemove();
    rmSync(folder, { recursive: true, force: true });
  };
}
