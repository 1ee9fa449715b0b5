import { rmSync } from 'node:fs';
import { Roost } from '../../harness/roost.ts';
import { writeRegistrations } from './appservices.ts';
import type { Target } from './target.ts';

const serverName = 'roost.test';

interface Project {
  provide(name: 'attackTarget', target: Target): void;
}

/** One server for all that leaves it standing. */
export async function setup(project: Project): Promise<() => Promise<void>> {
  const appserviceDir = writeRegistrations(serverName);
  const roost = await Roost.start({ serverName, appserviceDir });
  const { adminToken } = roost.identity();
  project.provide('attackTarget', { url: roost.url, serverName, adminToken });
  return async () => {
    await roost.stopAndRemove();
    rmSync(appserviceDir, { recursive: true, force: true });
  };
}
