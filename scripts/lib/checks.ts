import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import { projectDir } from '../../config/local.ts';
import type { WorkerDescription } from '../../config/workers.ts';

export interface Counts {
  passed: number;
  failed: number;
}

interface Ran {
  code: number | null;
  output: string;
}

/** Runs a program of the project and gathers what it prints; `show` gets each line as it comes. */
function run(command: string, args: string[], show?: (line: string) => void): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: projectDir, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output += `${line}\n`;
        show?.(line);
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** One check that a program's exit code decides; its output is shown only if it fails. */
export async function check(name: string, command: string, args: string[]): Promise<Counts> {
  const { code, output } = await run(command, args);
  console.log(`${code === 0 ? '✓' : '✗'} ${name}`);
  if (code !== 0) console.log(output);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** What workerd says of exceptions that a test causes on purpose; a failing test shows its own. */
const runtimeNoise =
  /^\s*$|uncaught exception; exception = |^stack: |^Using secrets defined|Missing required secrets/;

/** All tests, or those of some projects and files. A run that breaks down counts as one more failure. */
export async function vitest(projects: string[] = [], files: string[] = []): Promise<Counts> {
  const dir = mkdtempSync(path.join(tmpdir(), 'roost-vitest-'));
  const file = path.join(dir, 'report.json');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { code } = await run(
    'vitest',
    [...args, ...files, ...projects.flatMap((name) => ['--project', name])],
    (line) => {
      if (!runtimeNoise.test(line)) console.log(line);
    },
  );
  let counts: Counts = { passed: 0, failed: 0 };
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
    counts = { passed: report.numPassedTests ?? 0, failed: report.numFailedTests ?? 0 };
  } catch {
    // No report: the exit code below says so.
  }
  rmSync(dir, { recursive: true });
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** Rehearses a deployment and measures what would be uploaded. @param maxKb compressed */
export async function dryRun(worker: WorkerDescription, maxKb: number): Promise<Counts> {
  const dir = mkdtempSync(path.join(tmpdir(), 'roost-bundle-'));
  const args = ['deploy', '--dry-run', '--outdir', dir, '-c', worker.wranglerFile];
  const { code, output } = await run('wrangler', args);
  let ok = code === 0;
  let size = '';
  if (ok) {
    const text = readFileSync(path.join(dir, `${path.basename(worker.entry, '.ts')}.js`));
    const kb = gzipSync(text).byteLength / 1024;
    size = `: ${Math.ceil(kb)} kB compressed (at most ${maxKb})`;
    ok = kb <= maxKb;
  } else {
    console.log(output);
  }
  console.log(`${ok ? '✓' : '✗'} ${worker.name} can be deployed${size}`);
  rmSync(dir, { recursive: true });
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Prints the line that every checking script ends with, and sets the exit code by it. */
export function report(all: Counts[]): void {
  const passed = all.reduce((sum, counts) => sum + counts.passed, 0);
  const failed = all.reduce((sum, counts) => sum + counts.failed, 0);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
