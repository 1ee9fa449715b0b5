import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * workerd outlives a launcher that is killed, and would keep its ports and databases. Three measures:
 * it is started through a script that notes its process id; a left-over one is ended before a new start;
 * and a watchdog ends it as soon as this process is gone, however that came.
 */
export function superviseWorkerd(dataDir: string): void {
  claim(path.resolve(dataDir, 'launcher.pid'), dataDir);
  const pidFile = path.resolve(dataDir, 'workerd.pid');
  endLeftOver(pidFile);
  process.env.ROOST_PID_FILE = pidFile;
  process.env.ROOST_WORKERD = workerdBinary();
  process.env.MINIFLARE_WORKERD_PATH = path.join(import.meta.dirname, 'run-workerd.sh');
  // The pipe to `cat` ends with this process.
  const watchdog = spawn('/bin/sh', ['-c', `cat >/dev/null; kill -9 "$(cat '${pidFile}')" 2>/dev/null`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
}

/** Two launchers on one folder would write to the same databases. @throws while the other one lives */
function claim(file: string, dataDir: string): void {
  const other = readPid(file);
  if (
    other !== undefined &&
    other !== process.pid &&
    /start\.ts|launch-homeserver/.test(commandOf(other, 'args='))
  ) {
    throw new Error(`${dataDir} is in use by another Roost (process ${other})`);
  }
  writeFileSync(file, String(process.pid));
}

function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8').trim());
  } catch {
    return undefined;
  }
}

/** Empty if there is no such process. */
function commandOf(pid: number, column: 'args=' | 'comm='): string {
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', column], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function workerdBinary(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('miniflare'));
  return (require('workerd') as { default: string }).default;
}

function endLeftOver(pidFile: string): void {
  const pid = readPid(pidFile);
  if (pid === undefined || !commandOf(pid, 'comm=').includes('workerd')) return;
  try {
    process.kill(pid, 'SIGKILL');
    while (process.kill(pid, 0)) execFileSync('sleep', ['0.05']);
  } catch {
    // It has ended.
  }
  rmSync(pidFile, { force: true });
}
