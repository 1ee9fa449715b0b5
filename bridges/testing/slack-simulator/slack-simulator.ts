import { type Clock, ManualClock, realClock } from '../loopback/clock.ts';
import { LoopbackServer } from '../loopback/loopback-server.ts';
import { SeededIds } from '../loopback/seeded-ids.ts';
import type { Violation } from '../spec-validation/violations.ts';
import { ViolationLog } from '../spec-validation/violations.ts';
import { EventDeliveries } from './event-deliveries.ts';
import { Faults } from './faults.ts';
import { routeRequest } from './http-routes.ts';
import { SlackTeam } from './slack-team.ts';
import { newWorld, type World } from './world.ts';

export interface SlackSimulatorOptions {
  /** 0 (the default) takes a free port. */
  port?: number;
  seed?: string | number;
  clock?: Clock;
  /** `enforced` answers 429 above the tiers of docs.slack.dev; off by default, since tests hurry. */
  rateLimits?: 'off' | 'enforced';
}

/** One thing that happened at the Web API, for assertions. Tokens are never kept. */
export interface LoggedCall {
  method: string;
  args: Record<string, unknown>;
  userId: string | undefined;
  appId: string | undefined;
  status: number | 'cut' | 'hang';
  reply: Record<string, unknown> | undefined;
}

/** What the parts of the simulator share. */
export interface Simulation {
  readonly world: World;
  readonly faults: Faults;
  readonly deliveries: EventDeliveries;
  readonly violations: ViolationLog;
  readonly calls: LoggedCall[];
  readonly bugs: unknown[];
  readonly rateLimits: 'off' | 'enforced';
}

/** A whole Slack on 127.0.0.1: workspaces, people, apps, Web API, file store, OAuth and Events API deliveries. */
export class SlackSimulator {
  /** Base URL of the Web API, with a slash at the end, as `@slack/web-api` wants it. */
  readonly apiUrl: string;
  /** Where `/oauth/v2/authorize` is. */
  readonly origin: string;
  readonly faults: Faults;
  readonly #simulation: Simulation;
  readonly #server: LoopbackServer;

  private constructor(simulation: Simulation, server: LoopbackServer) {
    this.#simulation = simulation;
    this.#server = server;
    this.faults = simulation.faults;
    this.origin = server.origin;
    this.apiUrl = `${server.origin}/api/`;
  }

  static async start(options: SlackSimulatorOptions = {}): Promise<SlackSimulator> {
    const clock = options.clock ?? realClock;
    const world = newWorld(new SeededIds(options.seed ?? 'slack'), clock);
    const violations = new ViolationLog();
    const faults = new Faults();
    const simulation: Simulation = {
      world,
      faults,
      violations,
      deliveries: new EventDeliveries(world, faults, violations),
      calls: [],
      bugs: [],
      rateLimits: options.rateLimits ?? 'off',
    };
    const server = await LoopbackServer.listen(
      options.port ?? 0,
      (request) => routeRequest(simulation, request),
      (error) => simulation.bugs.push(error),
    );
    world.origin = server.origin;
    return new SlackSimulator(simulation, server);
  }

  createTeam(team: { name: string; domain: string }): SlackTeam {
    return SlackTeam.create(this.#simulation, team);
  }

  /** Every Web API call that was answered, oldest first. */
  get calls(): readonly LoggedCall[] {
    return this.#simulation.calls;
  }

  callsTo(method: string): LoggedCall[] {
    return this.#simulation.calls.filter((call) => call.method === method);
  }

  /** Every attempt to deliver an event, oldest first. */
  get deliveryLog() {
    return this.#simulation.deliveries.log;
  }

  get violations(): readonly Violation[] {
    return this.#simulation.violations.all;
  }

  /** @throws Error when a request, reply or event broke Slack's specification, or the simulator itself failed. */
  assertNoViolations(): void {
    if (this.#simulation.bugs.length > 0)
      throw new AggregateError(this.#simulation.bugs, 'the simulator failed');
    this.#simulation.violations.assertNone();
  }

  /** Moves a `ManualClock`, so that retries and delays fall due, and waits for the deliveries this starts. */
  async advance(byMs: number): Promise<void> {
    const { clock } = this.#simulation.world;
    if (!(clock instanceof ManualClock)) throw new Error('advance needs a ManualClock');
    clock.advance(byMs);
    await this.flushDeliveries();
  }

  /** Waits until every delivery due now was answered or failed. Retries due later are not waited for. */
  flushDeliveries(): Promise<void> {
    return this.#simulation.deliveries.quiescent();
  }

  async stop(): Promise<void> {
    this.#simulation.deliveries.stop();
    await this.#server.close();
  }
}
