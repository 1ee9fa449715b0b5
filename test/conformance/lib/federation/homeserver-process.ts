import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';

const readyMs = 60_000;
const stopMs = 15_000;
const pauseMs = 50;

/** A homeserver as its launcher starts it (docs/launcher.md): it can be stopped, killed, started again. */
export class HomeserverProcess {
  readonly #launcher: string;
  readonly #env: Record<string, string>;
  readonly #ports: { client: number; federation: number };
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #log = '';

  /** @param env of the launcher */
  constructor(launcher: string, env: Record<string, string>, ports: { client: number; federation: number }) {
    this.#launcher = launcher;
    this.#env = env;
    this.#ports = ports;
  }

  /** Starts it, again on the same data. @throws Error with what it logged if it ends or does not answer */
  async start(): Promise<void> {
    const child = spawn(this.#launcher, {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...this.#env },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.on('exit', () => resolve()));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-8000);
    });
    const endMs = Date.now() + readyMs;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null || Date.now() > endMs) {
        throw new Error(`${this.#launcher} brings no server up:\n${this.#log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async #isReady(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.#ports.client}/_matrix/client/versions`;
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.ok === true && (await accepts(this.#ports.federation));
  }

  /** As an owner would. */
  async stop(): Promise<void> {
    if (!this.#isRunning()) return;
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), stopMs);
    await this.#ended;
    clearTimeout(timer);
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    await this.#ended;
  }

  /** It hears nothing and says nothing, and its connections stay open. */
  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  #isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** To all processes of it. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid !== undefined && this.#isRunning()) process.kill(-pid, signal);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => socket.end(() => resolve(true)));
    socket.on('error', () => resolve(false));
  });
}
