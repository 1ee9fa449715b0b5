import type { WebSocket } from 'ws';
import { renderFullGuild } from '../render/render-guild.ts';
import { renderSelf } from '../render/render-user.ts';
import type { Application, World } from '../world.ts';
import { closeCode } from './close-codes.ts';
import type { GatewayServer } from './gateway-server.ts';
import type { GatewaySession } from './gateway-session.ts';
import { knownIntents, privilegedIntents } from './intents.ts';

interface ClientFrame {
  op?: unknown;
  d?: unknown;
}

interface Identify {
  token?: unknown;
  intents?: unknown;
  properties?: unknown;
  shard?: unknown;
}

interface Resume {
  token?: unknown;
  session_id?: unknown;
  seq?: unknown;
}

const maxPayloadBytes = 4096;
const maxSendsPerMinute = 120;
const minuteMs = 60_000;

/**
 * One socket of a client. 1: HELLO. 2: the client identifies (READY, then a GUILD_CREATE each) or resumes (what it
 * missed, then RESUMED). 3: heartbeats and dispatches, until either side closes.
 */
export class GatewayConnection {
  readonly #world: World;
  readonly #server: GatewayServer;
  readonly #socket: WebSocket;
  #session: GatewaySession | undefined;
  #sendTimesMs: number[] = [];
  #cancelWatch: () => void = () => {};

  constructor(world: World, server: GatewayServer, socket: WebSocket, query: URLSearchParams) {
    this.#world = world;
    this.#server = server;
    this.#socket = socket;
    socket.on('message', (data) => this.#onMessage(data as Buffer));
    socket.on('close', (code) => this.#onClose(code));
    socket.on('error', () => {});
    if ((query.get('v') ?? '10') !== '10') {
      this.close(closeCode.invalidApiVersion, 'Invalid API version');
      return;
    }
    this.send({ op: 10, d: { heartbeat_interval: server.heartbeatIntervalMs, _trace: [] } });
    this.#watchHeartbeat();
  }

  get session(): GatewaySession | undefined {
    return this.#session;
  }

  send(frame: { op: number; d: unknown; s?: number; t?: string }): void {
    this.#socket.send(JSON.stringify({ t: null, s: null, ...frame }));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Cuts the socket without a close frame, as a network does. */
  drop(): void {
    this.#socket.terminate();
  }

  /** A client that misses heartbeats is cut off. */
  #watchHeartbeat(): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#world.clock.schedule(this.#server.heartbeatIntervalMs * 2, () => {
      this.close(closeCode.sessionTimedOut, 'Session timed out');
    });
  }

  #onClose(code: number): void {
    this.#cancelWatch();
    this.#session?.disconnect();
    // Closing with 1000 or 1001 ends the session; anything else leaves it to be resumed.
    if (code === 1000 || code === 1001) this.#session?.end();
    this.#server.forget(this);
  }

  #onMessage(data: Buffer): void {
    const nowMs = this.#world.clock.nowMs();
    this.#sendTimesMs = [...this.#sendTimesMs.filter((atMs) => atMs > nowMs - minuteMs), nowMs];
    if (this.#sendTimesMs.length > maxSendsPerMinute) {
      this.close(closeCode.rateLimited, 'You are sending too fast');
      return;
    }
    const frame = data.length > maxPayloadBytes ? undefined : parseFrame(data);
    if (!frame) {
      this.close(closeCode.decodeError, 'Error while decoding payload.');
      return;
    }
    this.#handle(frame);
  }

  #handle(frame: ClientFrame): void {
    switch (frame.op) {
      case 1:
        this.#heartbeat();
        break;
      case 2:
        this.#identify((frame.d ?? {}) as Identify);
        break;
      case 6:
        this.#resume((frame.d ?? {}) as Resume);
        break;
      case 3:
      case 4:
      case 8:
        if (!this.#session) this.close(closeCode.notAuthenticated, 'Not authenticated.');
        break;
      default:
        this.close(closeCode.unknownOpcode, 'Unknown opcode.');
    }
  }

  #heartbeat(): void {
    this.#watchHeartbeat();
    if (!this.#server.faults.takeSwallowedAck()) this.send({ op: 11, d: null });
  }

  #applicationOf(token: unknown): Application | undefined {
    const value = String(token).replace(/^Bot /, '');
    return [...this.#world.applications.values()].find((application) => application.token === value);
  }

  /** Why an IDENTIFY is refused, as a close code. */
  #identifyRefusal(application: Application | undefined, identify: Identify): [number, string] | undefined {
    const authenticationFailed: [number, string] = [closeCode.authenticationFailed, 'Authentication failed.'];
    if (this.#session) return [closeCode.alreadyAuthenticated, 'Already authenticated.'];
    if (!application) return authenticationFailed;
    const intents = Number(identify.intents);
    if (!Number.isInteger(intents) || intents < 0 || (intents & ~knownIntents) !== 0) {
      return [closeCode.invalidIntents, 'Invalid intent(s).'];
    }
    if ((intents & privilegedIntents & ~application.privilegedIntents) !== 0) {
      return [closeCode.disallowedIntents, 'Disallowed intent(s).'];
    }
    const [shardId, shardCount] = (identify.shard ?? [0, 1]) as [number, number];
    if (shardId !== 0 || shardCount !== 1) return [closeCode.invalidShard, 'Invalid shard.'];
    // Above the daily budget Discord resets the bot's token.
    return this.#server.takeIdentify(application) ? undefined : authenticationFailed;
  }

  #identify(identify: Identify): void {
    const application = this.#applicationOf(identify.token);
    const refusal = this.#identifyRefusal(application, identify);
    if (refusal || !application) {
      this.close(...(refusal ?? [closeCode.unknownError, '']));
      return;
    }
    const session = this.#server.openSession(application, Number(identify.intents));
    this.#attach(session);
    this.#ready(session);
  }

  #attach(session: GatewaySession): void {
    this.#session = session;
    session.connect((frame) => this.send(frame));
  }

  #ready(session: GatewaySession): void {
    const { application } = session;
    const bot = this.#world.users.get(application.botUserId);
    const guilds = [...this.#world.guilds.values()].filter((guild) =>
      guild.members.has(application.botUserId),
    );
    session.deliver('READY', {
      v: 10,
      user: bot ? renderSelf(bot) : null,
      guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: this.#server.resumeUrl,
      session_type: 'normal',
      shard: [0, 1],
      application: { id: application.id, flags: 0 },
      private_channels: [],
      user_settings: {},
      relationships: [],
      presences: [],
      geo_ordered_rtc_regions: [],
      _trace: [],
    });
    if ((session.intents & 1) === 0) return;
    for (const guild of guilds) {
      session.deliver('GUILD_CREATE', renderFullGuild(this.#world, guild, application.botUserId));
    }
  }

  #resume(resume: Resume): void {
    const application = this.#applicationOf(resume.token);
    if (this.#session || !application) {
      const code = this.#session ? closeCode.alreadyAuthenticated : closeCode.authenticationFailed;
      this.close(code, 'Authentication failed.');
      return;
    }
    const session = this.#server.findSession(application, String(resume.session_id));
    if (this.#server.faults.takeRefusedResume() || !session?.isResumable) {
      this.send({ op: 9, d: false });
      return;
    }
    const seq = Number(resume.seq);
    if (!Number.isInteger(seq) || seq > session.seq) {
      this.close(closeCode.invalidSeq, 'Invalid seq.');
      return;
    }
    this.#server.noteResume(application, session, seq);
    for (const frame of session.since(seq)) this.send(frame);
    this.#attach(session);
    session.deliver('RESUMED', { _trace: [] });
  }
}

function parseFrame(data: Buffer): ClientFrame | undefined {
  try {
    const frame: unknown = JSON.parse(data.toString());
    return typeof frame === 'object' && frame !== null ? frame : undefined;
  } catch {
    return undefined;
  }
}
