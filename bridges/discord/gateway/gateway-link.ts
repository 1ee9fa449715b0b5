import { GatewayOpcodes } from 'discord-api-types/v10';
import { errorText, log } from '../../../platform/log.ts';
import { LoginRefused } from '../../core/send-outcome.ts';
import { intents } from './dispatch-handlers.ts';
import {
  type GatewayAction,
  type GatewayInput,
  type GatewayState,
  nextTimerMs,
  step,
} from './gateway-protocol.ts';
import type { Dispatch } from './intake.ts';
import { parseFrame } from './parse-frame.ts';
import type { SessionTable } from './storage/session.ts';

export interface LinkOptions {
  session: SessionTable;
  now: () => number;
  random: () => number;
  /** @throws LoginRefused if there is none any more */
  botToken: () => Promise<string>;
  /** Of `GET /gateway/bot`. @throws LoginRefused */
  gatewayUrl: () => Promise<string>;
  openSocket: (url: string, signal: AbortSignal) => Promise<WebSocket>;
  onDispatch: (dispatch: Dispatch) => void;
  onTimer: (dueMs: number) => void;
  onStopped: (code: number) => void;
}

/** What the close code of a refused token is, wherever it is refused. */
const authenticationFailed = 4004;
const noSocket = 1006;

/** The socket of a gateway: does what the protocol says, and tells it what happened. */
export class GatewayLink {
  readonly #options: LinkOptions;
  #state: GatewayState;
  #socket: WebSocket | undefined;
  /** Of the attempt or socket that counts; older ones are not listened to. */
  #attempt = new AbortController();
  #timerMs: number | undefined;
  #token = '';

  constructor(options: LinkOptions, state: GatewayState) {
    this.#options = options;
    this.#state = state;
  }

  get state(): GatewayState {
    return this.#state;
  }

  input(input: GatewayInput): void {
    const before = this.#state;
    const { now, random, session, onStopped, onTimer } = this.#options;
    const { state, actions } = step(before, input, { nowMs: now(), random: random() });
    this.#state = state;
    if (isWorthKeeping(before, state)) session.save(state);
    for (const action of actions) this.#perform(action);
    if (state.connection.kind === 'stopped' && before.connection.kind !== 'stopped') {
      onStopped(state.connection.code);
    }
    const timerMs = nextTimerMs(this.#state);
    if (timerMs !== undefined && timerMs !== this.#timerMs) onTimer(timerMs);
    this.#timerMs = timerMs;
  }

  /** Ends the connection so that the next one resumes after what was accepted. */
  replay(): void {
    const { session } = this.#state;
    const seq = this.#options.session.acceptedSeq();
    if (session) this.#state = { ...this.#state, session: { ...session, seq } };
    this.#close(4000);
    this.input({ kind: 'closed', code: noSocket });
  }

  /** Ends the session too. */
  end(): void {
    this.#close(1000);
  }

  #perform(action: GatewayAction): void {
    switch (action.kind) {
      case 'connect':
        void this.#connect(action.url);
        return;
      case 'heartbeat':
        this.#send({ op: GatewayOpcodes.Heartbeat, d: action.seq });
        return;
      case 'identify':
        this.#send({
          op: GatewayOpcodes.Identify,
          d: {
            token: this.#token,
            intents,
            properties: { os: 'linux', browser: 'roost', device: 'roost' },
          },
        });
        return;
      case 'resume': {
        const { sessionId, seq } = action.session;
        this.#send({ op: GatewayOpcodes.Resume, d: { token: this.#token, session_id: sessionId, seq } });
        return;
      }
      case 'close':
        this.#close(action.code);
        return;
      case 'dispatch': {
        const { seq, name, data } = action;
        this.#options.onDispatch({ sessionId: this.#state.session?.sessionId ?? '', seq, name, data });
        return;
      }
      default:
        action satisfies never;
    }
  }

  async #connect(resumeUrl: string | undefined): Promise<void> {
    this.#attempt.abort();
    const attempt = new AbortController();
    this.#attempt = attempt;
    try {
      this.#token = await this.#options.botToken();
      const url = resumeUrl ?? (await this.#options.gatewayUrl());
      const socket = await this.#options.openSocket(url, attempt.signal);
      if (attempt.signal.aborted) socket.close(4000);
      else this.#listen(socket, attempt.signal);
    } catch (error) {
      if (attempt.signal.aborted) return;
      log('warn', 'discord.gateway_not_reached', { error: errorText(error) });
      const code = error instanceof LoginRefused ? authenticationFailed : noSocket;
      this.input({ kind: 'closed', code });
    }
  }

  #listen(socket: WebSocket, signal: AbortSignal): void {
    this.#socket = socket;
    const closed = (code: number) => {
      if (signal.aborted) return;
      this.#socket = undefined;
      log('info', 'discord.gateway_closed', { code });
      this.input({ kind: 'closed', code });
    };
    socket.addEventListener('message', ({ data }) => {
      const frame = signal.aborted ? undefined : parseFrame(data);
      if (frame) this.input({ kind: 'frame', frame });
    });
    socket.addEventListener('close', ({ code }) => closed(code));
    socket.addEventListener('error', () => closed(noSocket));
  }

  #send(payload: object): void {
    try {
      this.#socket?.send(JSON.stringify(payload));
    } catch {
      // The close event follows.
    }
  }

  #close(code: number): void {
    this.#attempt.abort();
    const socket = this.#socket;
    this.#socket = undefined;
    try {
      socket?.close(code);
    } catch {
      // It was closed already.
    }
  }
}

/** Frames come often; what a new instance needs changes seldom. The sequence number has its own way. */
function isWorthKeeping(before: GatewayState, after: GatewayState): boolean {
  return (
    before.session?.sessionId !== after.session?.sessionId ||
    before.budget !== after.budget ||
    before.failures !== after.failures ||
    before.lastAckMs !== after.lastAckMs ||
    (before.connection.kind !== after.connection.kind && after.connection.kind === 'stopped')
  );
}
