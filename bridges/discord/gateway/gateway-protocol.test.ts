import { GatewayCloseCodes, GatewayOpcodes } from 'discord-api-types/v10';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type GatewayAction,
  type GatewayInput,
  type GatewayState,
  nextTimerMs,
  step,
} from './gateway-protocol.ts';
import { freshBudget } from './identify-budget.ts';
import type { GatewayFrame } from './parse-frame.ts';

const intervalMs = 40_000;
const fresh: GatewayState = {
  connection: { kind: 'waiting', dueMs: 0 },
  session: undefined,
  budget: freshBudget,
  failures: 0,
  lastAckMs: undefined,
};

const hello: GatewayFrame = { op: GatewayOpcodes.Hello, d: { heartbeat_interval: intervalMs } };
const ack: GatewayFrame = { op: GatewayOpcodes.HeartbeatAck };
const dispatch = (s: number, t: string, d: unknown = {}): GatewayFrame => ({
  op: GatewayOpcodes.Dispatch,
  s,
  t,
  d,
});
const ready = dispatch(1, 'READY', { session_id: 'session', resume_gateway_url: 'wss://resume.test' });

/** Runs inputs at given times and keeps what was done. */
function run(state: GatewayState, ...inputs: [atMs: number, input: GatewayInput | GatewayFrame][]) {
  const actions: GatewayAction[] = [];
  for (const [nowMs, given] of inputs) {
    const input: GatewayInput = 'op' in given ? { kind: 'frame', frame: given } : given;
    const result = step(state, input, { nowMs, random: 0.5 });
    state = result.state;
    actions.push(...result.actions);
  }
  return { state, actions };
}

const timer: GatewayInput = { kind: 'timer' };
const live = run(fresh, [1_000, timer], [1_000, hello], [1_000, ready]).state;

describe('connecting', () => {
  test('a first connection identifies and beats for the first time within an interval', () => {
    const { state, actions } = run(fresh, [1_000, timer], [1_000, hello], [1_000, ready]);
    expect(actions.map((action) => action.kind)).toEqual(['connect', 'identify', 'dispatch']);
    expect(actions[0]).toEqual({ kind: 'connect', url: undefined });
    expect(state.session).toEqual({ sessionId: 'session', resumeUrl: 'wss://resume.test', seq: 1 });
    expect(nextTimerMs(state)).toBe(1_000 + intervalMs / 2);
  });

  test('a lost socket is resumed at the address that READY told, from the last sequence number', () => {
    const lost = run(live, [2_000, dispatch(7, 'MESSAGE_CREATE')], [3_000, { kind: 'closed', code: 1006 }]);
    const dueMs = nextTimerMs(lost.state) ?? 0;
    const { state, actions } = run(
      lost.state,
      [dueMs, timer],
      [dueMs, hello],
      [dueMs, dispatch(8, 'RESUMED')],
    );
    expect(actions[0]).toEqual({ kind: 'connect', url: 'wss://resume.test' });
    expect(actions[1]).toEqual({
      kind: 'resume',
      session: { sessionId: 'session', resumeUrl: 'wss://resume.test', seq: 7 },
    });
    expect(state.connection.kind).toBe('live');
    expect(state.budget.left).toBe(399);
  });

  test('nothing is tried before it is due', () => {
    const { state } = run(live, [2_000, { kind: 'closed', code: 1006 }]);
    expect(run(state, [2_001, timer]).actions).toEqual([]);
  });

  test('a server that never says hello is given up', () => {
    const { actions, state } = run(fresh, [1_000, timer], [31_000, timer]);
    expect(actions.at(-1)).toEqual({ kind: 'close', code: 4000 });
    expect(state.connection.kind).toBe('waiting');
  });

  test('a session that is resumed again and again is kept, though no socket lives until its first ACK', () => {
    let state = live;
    let nowMs = 2_000;
    for (let n = 0; n < 20; n++) {
      state = run(state, [nowMs, { kind: 'closed', code: 1006 }]).state;
      nowMs = nextTimerMs(state) ?? 0;
      const resumed = run(state, [nowMs, timer], [nowMs, hello], [nowMs, dispatch(n + 2, 'RESUMED')]);
      expect(resumed.actions.map((action) => action.kind)).toEqual(['connect', 'resume', 'dispatch']);
      state = resumed.state;
    }
  });

  test('waits grow with failures and the session is given up when its address never answers', () => {
    let state = run(live, [2_000, { kind: 'closed', code: 1006 }]).state;
    const waits: number[] = [];
    let nowMs = 2_000;
    for (let n = 0; n < 12; n++) {
      waits.push((nextTimerMs(state) ?? 0) - nowMs);
      nowMs = nextTimerMs(state) ?? 0;
      state = run(state, [nowMs, timer], [nowMs, { kind: 'closed', code: 1006 }]).state;
    }
    expect(waits.slice(0, 4)).toEqual([750, 1_500, 3_000, 6_000]);
    expect(Math.max(...waits)).toBe(225_000);
    expect(state.session).toBeUndefined();
  });
});

describe('heartbeat', () => {
  test('carries the last sequence number and is repeated after the interval', () => {
    const dueMs = nextTimerMs(live) ?? 0;
    const { state, actions } = run(live, [2_000, dispatch(5, 'TYPING_START')], [dueMs, timer]);
    expect(actions.at(-1)).toEqual({ kind: 'heartbeat', seq: 5 });
    expect(nextTimerMs(state)).toBe(dueMs + intervalMs);
  });

  test('one that was not acknowledged is a zombie: closed so that it can be resumed', () => {
    const dueMs = nextTimerMs(live) ?? 0;
    const { state, actions } = run(live, [dueMs, timer], [dueMs + intervalMs, timer]);
    expect(actions.at(-1)).toEqual({ kind: 'close', code: 4000 });
    expect(state.session?.sessionId).toBe('session');
  });

  test('an acknowledged one is followed by another', () => {
    const dueMs = nextTimerMs(live) ?? 0;
    const { actions, state } = run(live, [dueMs, timer], [dueMs + 50, ack], [dueMs + intervalMs, timer]);
    expect(actions.map((action) => action.kind)).toEqual(['heartbeat', 'heartbeat']);
    expect(state.lastAckMs).toBe(dueMs + 50);
  });

  test('is sent at once when asked for', () => {
    expect(run(live, [2_000, { op: GatewayOpcodes.Heartbeat }]).actions).toEqual([
      { kind: 'heartbeat', seq: 1 },
    ]);
  });
});

describe('ends', () => {
  test('op 7 is followed by a resume', () => {
    const { state, actions } = run(live, [2_000, { op: GatewayOpcodes.Reconnect }]);
    expect(actions).toEqual([{ kind: 'close', code: 4000 }]);
    expect(nextTimerMs(state)).toBe(2_500);
    expect(state.session).toBeDefined();
  });

  test.each([true, false])('op 9 (%s) waits 1 to 5 s and keeps the session only if it may', (resumable) => {
    const { state } = run(live, [2_000, { op: GatewayOpcodes.InvalidSession, d: resumable }]);
    expect(nextTimerMs(state)).toBe(5_000);
    expect(state.session !== undefined).toBe(resumable);
  });

  test.each([4004, 4010, 4011, 4012, 4013, 4014])('close code %d ends it', (code) => {
    const { state } = run(live, [2_000, { kind: 'closed', code }]);
    expect(state.connection).toEqual({ kind: 'stopped', code });
    expect(nextTimerMs(state)).toBeUndefined();
    expect(run(state, [9e12, timer], [9e12, hello]).actions).toEqual([]);
  });

  test.each([GatewayCloseCodes.InvalidSeq, GatewayCloseCodes.SessionTimedOut])(
    'code %d: new session',
    (code) => {
      expect(run(live, [2_000, { kind: 'closed', code }]).state.session).toBeUndefined();
    },
  );

  test.each([1000, 1001, 1006, 4000, 4001, 4002, 4008])(
    'code %d: the session may still be resumed',
    (code) => {
      expect(run(live, [2_000, { kind: 'closed', code }]).state.session).toBeDefined();
    },
  );
});

const frames = fc.oneof(
  fc.constantFrom<GatewayFrame>(
    hello,
    ack,
    ready,
    { op: GatewayOpcodes.Reconnect },
    { op: GatewayOpcodes.Heartbeat },
    { op: GatewayOpcodes.InvalidSession, d: true },
    { op: GatewayOpcodes.InvalidSession, d: false },
    dispatch(2, 'RESUMED'),
  ),
  fc.nat(1000).map((seq) => dispatch(seq, 'MESSAGE_CREATE')),
);
const inputs = fc.record({
  afterMs: fc.nat(60_000),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  input: fc.oneof(
    { weight: 4, arbitrary: fc.constant<GatewayInput>(timer) },
    { weight: 8, arbitrary: frames.map((frame): GatewayInput => ({ kind: 'frame', frame })) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom(1000, 1006, 4007, 4009)
        .map((code): GatewayInput => ({ kind: 'closed', code })),
    },
  ),
});

test('whatever happens, a timer leads on, only open sockets are used, and one is open at most', () => {
  fc.assert(
    fc.property(fc.array(inputs, { maxLength: 200 }), (events) => {
      let state = fresh;
      let nowMs = 0;
      let isOpen = false;
      for (const { afterMs, random, input } of events) {
        nowMs += afterMs;
        const result = step(state, input, { nowMs, random });
        if (input.kind === 'closed') isOpen = false;
        state = result.state;
        for (const action of result.actions) {
          if (action.kind === 'connect') {
            expect(isOpen).toBe(false);
            isOpen = true;
          } else {
            expect(isOpen).toBe(true);
            if (action.kind === 'close') isOpen = false;
          }
        }
        expect(isOpen).toBe(state.connection.kind !== 'waiting' && state.connection.kind !== 'stopped');
        expect(nextTimerMs(state)).toBeTypeOf('number');
      }
    }),
  );
});

test('a server that refuses every session gets at most 800 IDENTIFYs in any 24 hours', () => {
  let state: GatewayState = fresh;
  const identifies: number[] = [];
  for (let nowMs = 1; nowMs < 3 * 86_400_000; nowMs = nextTimerMs(state) ?? nowMs) {
    // Acknowledged and then refused: nothing slows us down but the budget.
    const { state: next, actions } = run(
      state,
      [nowMs, timer],
      [nowMs, hello],
      [nowMs, ready],
      [nowMs, ack],
      [nowMs, { op: GatewayOpcodes.InvalidSession, d: false }],
    );
    state = next;
    if (actions.some((action) => action.kind === 'identify')) identifies.push(nowMs);
  }
  for (let n = 800; n < identifies.length; n++) {
    expect((identifies[n] ?? 0) - (identifies[n - 800] ?? 0)).toBeGreaterThanOrEqual(86_400_000);
  }
  expect(identifies.length).toBeGreaterThan(1_500);
});
