import { GatewayCloseCodes, GatewayDispatchEvents, GatewayOpcodes } from 'discord-api-types/v10';
import { afterIdentify, type IdentifyBudget, identifyAllowedMs } from './identify-budget.ts';
import type { GatewayFrame } from './parse-frame.ts';

/**
 * Discord's gateway protocol without its socket: (1) HELLO names the heartbeat interval; (2) we RESUME the
 * session that we have, else IDENTIFY within a daily budget; (3) READY or RESUMED: dispatches flow; (4) a
 * heartbeat that was not acknowledged, op 7 or a lost socket lead back to (1). Some close codes end it all.
 */
export interface GatewayState {
  connection: Connection;
  session: GatewaySession | undefined;
  budget: IdentifyBudget;
  /** Connections in a row that did not live until their first ACK. */
  failures: number;
  lastAckMs: number | undefined;
}

export type Connection =
  | { kind: 'waiting'; dueMs: number }
  | { kind: 'connecting'; deadlineMs: number }
  | { kind: 'handshaking'; deadlineMs: number; heartbeat: Heartbeat }
  | { kind: 'live'; heartbeat: Heartbeat }
  /** By a close code after which Discord wants no further attempt. */
  | { kind: 'stopped'; code: number };

export interface GatewaySession {
  sessionId: string;
  resumeUrl: string;
  /** Of the last dispatch received. */
  seq: number;
}

export interface Heartbeat {
  intervalMs: number;
  dueMs: number;
  acknowledged: boolean;
}

export type GatewayInput =
  /** Some time has passed; harmless if nothing is due. */
  | { kind: 'timer' }
  | { kind: 'frame'; frame: GatewayFrame }
  /** The socket closed, or could not be opened (1006). */
  | { kind: 'closed'; code: number };

export type GatewayAction =
  /** Without URL: the one that `GET /gateway/bot` tells. */
  | { kind: 'connect'; url: string | undefined }
  | { kind: 'heartbeat'; seq: number | null }
  | { kind: 'identify' }
  | { kind: 'resume'; session: GatewaySession }
  | { kind: 'close'; code: number }
  | { kind: 'dispatch'; seq: number; name: string; data: unknown };

export interface GatewayStep {
  state: GatewayState;
  actions: GatewayAction[];
}

/** What a step may know of the world. */
export interface GatewayClock {
  nowMs: number;
  /** In [0, 1). */
  random: number;
}

/** Any code but 1000 and 1001 keeps the session alive for a RESUME. */
const resumableCloseCode = 4000;
const connectDeadlineMs = 30_000;
const maxBackoffMs = 300_000;
/** After this many failures in a row the address to resume at may be the trouble. */
const maxResumeFailures = 6;

const fatalCloseCodes = new Set<number>([
  GatewayCloseCodes.AuthenticationFailed,
  GatewayCloseCodes.InvalidShard,
  GatewayCloseCodes.ShardingRequired,
  GatewayCloseCodes.InvalidAPIVersion,
  GatewayCloseCodes.InvalidIntents,
  GatewayCloseCodes.DisallowedIntents,
]);

const sessionLostCloseCodes = new Set<number>([
  GatewayCloseCodes.InvalidSeq,
  GatewayCloseCodes.SessionTimedOut,
]);

export function isFatalCloseCode(code: number): boolean {
  return fatalCloseCodes.has(code);
}

export function step(state: GatewayState, input: GatewayInput, clock: GatewayClock): GatewayStep {
  switch (input.kind) {
    case 'timer':
      return onTimer(state, clock);
    case 'frame':
      return onFrame(state, input.frame, clock);
    case 'closed':
      return onClosed(state, input.code, clock);
    default:
      return input satisfies never;
  }
}

/** When the next `timer` is due; nothing when only the owner can help. */
export function nextTimerMs({ connection }: GatewayState): number | undefined {
  switch (connection.kind) {
    case 'waiting':
      return connection.dueMs;
    case 'connecting':
      return connection.deadlineMs;
    case 'handshaking':
      return Math.min(connection.deadlineMs, connection.heartbeat.dueMs);
    case 'live':
      return connection.heartbeat.dueMs;
    case 'stopped':
      return undefined;
    default:
      return connection satisfies never;
  }
}

function onTimer(state: GatewayState, clock: GatewayClock): GatewayStep {
  const { connection } = state;
  switch (connection.kind) {
    case 'stopped':
      return unchanged(state);
    case 'waiting':
      return clock.nowMs < connection.dueMs ? unchanged(state) : connect(state, clock);
    case 'connecting':
      return clock.nowMs < connection.deadlineMs ? unchanged(state) : giveUp(state, clock);
    case 'handshaking':
      return clock.nowMs < connection.deadlineMs ? beat(state, connection, clock) : giveUp(state, clock);
    case 'live':
      return beat(state, connection, clock);
    default:
      return connection satisfies never;
  }
}

function connect(state: GatewayState, { nowMs }: GatewayClock): GatewayStep {
  const session = state.failures >= maxResumeFailures ? undefined : state.session;
  if (!session) {
    const allowedMs = identifyAllowedMs(state.budget, nowMs);
    if (allowedMs > nowMs) return waiting({ ...state, session }, allowedMs);
  }
  const connection: Connection = { kind: 'connecting', deadlineMs: nowMs + connectDeadlineMs };
  return {
    state: { ...state, session, connection },
    actions: [{ kind: 'connect', url: session?.resumeUrl }],
  };
}

function beat(
  state: GatewayState,
  connection: Extract<Connection, { heartbeat: Heartbeat }>,
  clock: GatewayClock,
): GatewayStep {
  const { heartbeat } = connection;
  if (clock.nowMs < heartbeat.dueMs) return unchanged(state);
  // A zombie: the socket looks open, but nobody answers.
  if (!heartbeat.acknowledged) return giveUp(state, clock);
  const next = { ...heartbeat, dueMs: clock.nowMs + heartbeat.intervalMs, acknowledged: false };
  return {
    state: { ...state, connection: { ...connection, heartbeat: next } },
    actions: [{ kind: 'heartbeat', seq: state.session?.seq ?? null }],
  };
}

function onFrame(state: GatewayState, frame: GatewayFrame, clock: GatewayClock): GatewayStep {
  const { connection } = state;
  if (connection.kind === 'waiting' || connection.kind === 'stopped') return unchanged(state);
  switch (frame.op) {
    case GatewayOpcodes.Hello:
      return connection.kind === 'connecting'
        ? onHello(state, frame.d.heartbeat_interval, clock)
        : unchanged(state);
    case GatewayOpcodes.Heartbeat:
      return { state, actions: [{ kind: 'heartbeat', seq: state.session?.seq ?? null }] };
    case GatewayOpcodes.HeartbeatAck:
      return onAck(state, clock);
    case GatewayOpcodes.Reconnect: {
      const dueMs = clock.nowMs + Math.floor(clock.random * 1_000);
      return waiting(state, dueMs, [{ kind: 'close', code: resumableCloseCode }]);
    }
    case GatewayOpcodes.InvalidSession: {
      // Discord asks for 1 to 5 s before another try.
      const dueMs = clock.nowMs + 1_000 + Math.floor(clock.random * 4_000);
      const session = frame.d ? state.session : undefined;
      const failures = state.failures + 1;
      return waiting({ ...state, session, failures }, dueMs, [{ kind: 'close', code: resumableCloseCode }]);
    }
    case GatewayOpcodes.Dispatch:
      return connection.kind === 'connecting' ? unchanged(state) : onDispatch(state, frame, clock);
    default:
      return frame satisfies never;
  }
}

function onHello(state: GatewayState, intervalMs: number, { nowMs, random }: GatewayClock): GatewayStep {
  const heartbeat = { intervalMs, dueMs: nowMs + Math.floor(intervalMs * random), acknowledged: true };
  const connection: Connection = { kind: 'handshaking', deadlineMs: nowMs + connectDeadlineMs, heartbeat };
  if (state.session) {
    return { state: { ...state, connection }, actions: [{ kind: 'resume', session: state.session }] };
  }
  const budget = afterIdentify(state.budget, nowMs);
  return { state: { ...state, connection, budget }, actions: [{ kind: 'identify' }] };
}

function onAck(state: GatewayState, { nowMs }: GatewayClock): GatewayStep {
  const { connection } = state;
  if (connection.kind !== 'live' && connection.kind !== 'handshaking') return unchanged(state);
  const heartbeat = { ...connection.heartbeat, acknowledged: true };
  const failures = connection.kind === 'live' ? 0 : state.failures;
  return {
    state: { ...state, connection: { ...connection, heartbeat }, failures, lastAckMs: nowMs },
    actions: [],
  };
}

function onDispatch(
  state: GatewayState,
  frame: Extract<GatewayFrame, { op: GatewayOpcodes.Dispatch }>,
  { nowMs }: GatewayClock,
): GatewayStep {
  const { connection } = state;
  if (connection.kind !== 'live' && connection.kind !== 'handshaking') return unchanged(state);
  const dispatch: GatewayAction = { kind: 'dispatch', seq: frame.s, name: frame.t, data: frame.d };
  const live: Connection = { kind: 'live', heartbeat: connection.heartbeat };
  if (frame.t === GatewayDispatchEvents.Ready) {
    const ready = frame.d as { session_id: string; resume_gateway_url: string };
    const session = { sessionId: ready.session_id, resumeUrl: ready.resume_gateway_url, seq: frame.s };
    return { state: { ...state, session, connection: live }, actions: [dispatch] };
  }
  const session = state.session && { ...state.session, seq: Math.max(state.session.seq, frame.s) };
  if (frame.t === GatewayDispatchEvents.Resumed) {
    // The address is right and the session lives: however often the socket is lost, it is not to be given up.
    const failures = Math.min(state.failures, maxResumeFailures - 2);
    return { state: { ...state, session, failures, connection: live }, actions: [dispatch] };
  }
  // A long replay is not a handshake that hangs.
  const still: Connection =
    connection.kind === 'handshaking' ? { ...connection, deadlineMs: nowMs + connectDeadlineMs } : connection;
  return { state: { ...state, session, connection: still }, actions: [dispatch] };
}

function onClosed(state: GatewayState, code: number, clock: GatewayClock): GatewayStep {
  const { connection } = state;
  if (connection.kind === 'waiting' || connection.kind === 'stopped') return unchanged(state);
  if (isFatalCloseCode(code)) {
    return { state: { ...state, session: undefined, connection: { kind: 'stopped', code } }, actions: [] };
  }
  const session = sessionLostCloseCodes.has(code) ? undefined : state.session;
  return retry({ ...state, session }, clock, []);
}

function giveUp(state: GatewayState, clock: GatewayClock): GatewayStep {
  return retry(state, clock, [{ kind: 'close', code: resumableCloseCode }]);
}

function retry(state: GatewayState, { nowMs, random }: GatewayClock, actions: GatewayAction[]): GatewayStep {
  const longestMs = Math.min(1_000 * 2 ** state.failures, maxBackoffMs);
  const dueMs = nowMs + Math.floor(longestMs * (0.5 + random / 2));
  return waiting({ ...state, failures: state.failures + 1 }, dueMs, actions);
}

function waiting(state: GatewayState, dueMs: number, actions: GatewayAction[] = []): GatewayStep {
  return { state: { ...state, connection: { kind: 'waiting', dueMs } }, actions };
}

function unchanged(state: GatewayState): GatewayStep {
  return { state, actions: [] };
}
