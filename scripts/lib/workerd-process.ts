import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * workerd outlives a launcher that is killed, and would keep its ports and databases. Three measures:
 * it is started through a script that notes its process id; a left-over one is ended before a new start;
 * and a watchdog ends it as soon as this process is gone, however that came.
 */
export function superviseWorkerd(dataDir: string): void {
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

function workerdBinary(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('miniflare'));
  return (require('workerd') as { default: string }).default;
}

function endLeftOver(pidFile: string): void {
  let pid: number;
  try {
    pid = Number(readFileSync(pidFile, 'utf8').trim());
    const command = execFileSync('ps', ['-p', String(pid), '-o', 'comm='], { encoding: 'utf8' });
    if (!command.includes('workerd')) return;
  } catch {
    return;
  }
  try {
    process.kill(pid, 'SIGKILL');
    while (process.kill(pid, 0)) execFileSync('sleep', ['0.05']);
  } catch {
    // It has ended.
  }
  rmSync(pidFile, { force: true });
}
