import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { Roost } from '../../harness/roost.ts';
import { writeRegistrations } from './appservices.ts';

const serverName = 'roost.test';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const appserviceDir = writeRegistrations(serverName);
  const roost = await Roost.start({ serverName, appserviceDir });
  const { adminToken } = roost.identity();
  project.provide('attackTarget', { url: roost.url, serverName, adminToken });
  return async () => {
    await roost.stopAndRemove();
    rmSync(appserviceDir, { recursive: true, force: true });
  };
}
