import type { Server } from 'node:http';
import { WebSocketServer } from 'ws';
import { checkDispatch } from '../../spec-validation/discord-gateway.ts';
import type { ViolationLog } from '../../spec-validation/violations.ts';
import type { Faults } from '../faults.ts';
import type { Application, World } from '../world.ts';
import { GatewayConnection } from './gateway-connection.ts';
import { GatewaySession } from './gateway-session.ts';

/** Something that happened, for every session that may know of it. */
export interface Dispatch {
  event: string;
  /** The intent bit that a session must have. */
  intent: number;
  reaches: (application: Application) => boolean;
  data: (application: Application, intents: number) => Record<string, unknown>;
}

/** How clients connected, for assertions. */
export type GatewayLogEntry =
  | { kind: 'identify'; applicationId: string; intents: number; sessionId: string }
  | { kind: 'resume'; applicationId: string; sessionId: string; seq: number };

/** The gateway's sockets and sessions. */
export class GatewayServer {
  readonly faults: Faults;
  readonly heartbeatIntervalMs: number;
  readonly log: GatewayLogEntry[] = [];
  readonly #world: World;
  readonly #violations: ViolationLog;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #connections = new Set<GatewayConnection>();
  readonly #sessions: GatewaySession[] = [];

  constructor(world: World, faults: Faults, violations: ViolationLog, heartbeatIntervalMs: number) {
    this.#world = world;
    this.faults = faults;
    this.#violations = violations;
    this.heartbeatIntervalMs = heartbeatIntervalMs;
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      if (!url.pathname.startsWith('/gateway')) {
        socket.destroy();
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        this.#connections.add(new GatewayConnection(this.#world, this, webSocket, url.searchParams));
      });
    });
  }

  get resumeUrl(): string {
    return `${this.#world.origin.replace('http', 'ws')}/gateway-resume`;
  }

  dispatch(dispatch: Dispatch): void {
    for (const session of this.#sessions) {
      if (!session.isResumable || (session.intents & dispatch.intent) === 0) continue;
      if (!dispatch.reaches(session.application)) continue;
      const data = dispatch.data(session.application, session.intents);
      checkDispatch(this.#violations, dispatch.event, data);
      session.dispatch(dispatch.event, data);
    }
  }

  /** To one application alone, whatever its intents: interactions. @returns whether a session was there. */
  dispatchTo(applicationId: string, event: string, data: Record<string, unknown>): boolean {
    const sessions = this.#sessions.filter((one) => one.application.id === applicationId && one.isConnected);
    for (const session of sessions) session.dispatch(event, data);
    return sessions.length > 0;
  }

  takeIdentify(application: Application): boolean {
    if (application.identifiesLeft <= 0) return false;
    application.identifiesLeft -= 1;
    return true;
  }

  openSession(application: Application, intents: number): GatewaySession {
    const session = new GatewaySession(this.#world, this.faults, application, intents);
    this.#sessions.push(session);
    this.log.push({ kind: 'identify', applicationId: application.id, intents, sessionId: session.id });
    return session;
  }

  findSession(application: Application, sessionId: string): GatewaySession | undefined {
    return this.#sessions.find((one) => one.id === sessionId && one.application === application);
  }

  noteResume(application: Application, session: GatewaySession, seq: number): void {
    this.log.push({ kind: 'resume', applicationId: application.id, sessionId: session.id, seq });
  }

  forget(connection: GatewayConnection): void {
    this.#connections.delete(connection);
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  identifies(applicationId: string): number {
    return this.log.filter((entry) => entry.kind === 'identify' && entry.applicationId === applicationId)
      .length;
  }

  resumes(applicationId: string): number {
    return this.log.filter((entry) => entry.kind === 'resume' && entry.applicationId === applicationId)
      .length;
  }

  /** Cuts every socket as a network does, without a close frame. Sessions stay resumable. */
  dropSockets(): void {
    for (const connection of this.#connections) connection.drop();
  }

  /** Closes every socket with a code of Discord's. */
  closeSockets(code: number, reason = ''): void {
    for (const connection of this.#connections) connection.close(code, reason);
  }

  /** Op 7: Discord asks every client to reconnect and resume. */
  requestReconnect(): void {
    for (const connection of this.#connections) connection.send({ op: 7, d: null });
  }

  /** Op 9. `false` also ends the sessions. */
  invalidateSessions(resumable: boolean): void {
    for (const connection of this.#connections) {
      if (!resumable) connection.session?.end();
      connection.send({ op: 9, d: resumable });
    }
  }

  /** Op 1 from the server: the client must answer with a heartbeat at once. */
  requestHeartbeat(): void {
    for (const connection of this.#connections) connection.send({ op: 1, d: null });
  }

  stop(): void {
    for (const connection of this.#connections) connection.drop();
    this.#sockets.close();
  }
}
