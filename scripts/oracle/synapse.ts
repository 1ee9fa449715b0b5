import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const folder = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'roost-oracle');

/** Once, about 300 MB. @returns why Synapse cannot be had on this machine */
export function installSynapse(): string | undefined {
  if (spawnSync('python3', ['--version']).status !== 0) return 'python3 is not installed';
  const install = path.join(import.meta.dirname, 'install.sh');
  const { status, stderr } = spawnSync('sh', [install, folder], { encoding: 'utf8' });
  return status === 0 ? undefined : `Synapse cannot be installed: ${stderr.trim().split('\n').at(-1)}`;
}

/** The driver, which answers each question with one line, in order. */
export class Synapse {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;
  readonly #waiting: PromiseWithResolvers<unknown>[] = [];

  constructor() {
    const python = path.join(folder, 'bin/python');
    this.#process = spawn(python, [path.join(import.meta.dirname, 'driver.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#process.stdout });
    this.#lines.on('line', (line) => this.#waiting.shift()?.resolve(JSON.parse(line)));
    this.#process.on('exit', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the driver has stopped'));
    });
  }

  ask<Answer>(question: object): Promise<Answer> {
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.push(answer);
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    return answer.promise as Promise<Answer>;
  }

  stop(): void {
    this.#process.stdin.end();
  }
}
