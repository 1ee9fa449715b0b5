import { checkEventEnvelope } from '../spec-validation/slack-events.ts';
import type { ViolationLog } from '../spec-validation/violations.ts';
import { type Audience, type Recipient, recipientsOf } from './event-audience.ts';
import type { Faults } from './faults.ts';
import { signRequest } from './sign-request.ts';
import { type App, nowS, type Team, type World } from './world.ts';

export type EventBody = { type: string; event_ts?: string; [field: string]: unknown };

type Outcome =
  | { kind: 'acknowledged'; status: number }
  | { kind: 'refused'; status: number; noRetry: boolean }
  | { kind: 'timed_out' }
  | { kind: 'connection_failed' };

/** One attempt to deliver, for assertions. */
export interface DeliveryAttempt {
  eventId: string;
  eventType: string;
  retryNum: number;
  outcome: Outcome;
}

interface Delivery {
  app: App;
  eventId: string;
  eventType: string;
  body: string;
}

/** Slack's patience for an acknowledgement. */
const ackTimeoutMs = 3000;
/** Immediately, after a minute, after five more. */
const retryDelaysMs = [0, 60_000, 300_000];
/** Slack switches subscriptions off above 95 % failures in an hour, sparing apps under 1,000 events an hour. */
const disableAboveRatio = 0.95;
const disableFromEvents = 1000;
const hourMs = 3_600_000;

/**
 * Events API deliveries. 1: an event becomes one delivery for each app that may see it. 2: faults may drop, double,
 * delay or reorder it. 3: deliveries of an app start in order, the next when the one before was answered or gave up
 * its first attempt. 4: a failed attempt is repeated by the retry ladder, out of order, as Slack does.
 */
export class EventDeliveries {
  readonly log: DeliveryAttempt[] = [];
  /** Every event that was due to some app, also those that a fault dropped. */
  readonly emitted: { eventId: string; app: string; event: EventBody }[] = [];
  readonly #world: World;
  readonly #faults: Faults;
  readonly #violations: ViolationLog;
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #results = new Map<string, { atMs: number; failed: boolean }[]>();
  readonly #abort = new AbortController();
  #held: Delivery[] = [];
  #holdUntil = 0;
  #running = 0;
  #idle: (() => void)[] = [];

  constructor(world: World, faults: Faults, violations: ViolationLog) {
    this.#world = world;
    this.#faults = faults;
    this.#violations = violations;
  }

  /** Queues an event for everyone who may see it. */
  emit(team: Team, event: EventBody, audience: Audience): void {
    const eventId = this.#world.ids.base36('Ev', 9);
    for (const recipient of recipientsOf(this.#world, team, audience)) {
      this.#send(team, recipient, eventId, event);
    }
  }

  /** An event of the app itself (`tokens_revoked`, `app_uninstalled`), which no scope or membership decides. */
  emitToApp(team: Team, app: App, userId: string, event: EventBody): void {
    if (!app.eventsUrl) return;
    this.#send(team, { app, userId, isBot: false }, this.#world.ids.base36('Ev', 9), event);
  }

  #send(team: Team, recipient: Recipient, eventId: string, event: EventBody): void {
    const envelope = this.#envelope(team, recipient, eventId, event);
    checkEventEnvelope(this.#violations, envelope);
    this.emitted.push({ eventId, app: recipient.app.id, event });
    this.#disturb({ app: recipient.app, eventId, eventType: event.type, body: JSON.stringify(envelope) });
  }

  #envelope(team: Team, recipient: Recipient, eventId: string, event: EventBody): Record<string, unknown> {
    return {
      token: recipient.app.verificationToken,
      team_id: team.id,
      context_team_id: team.id,
      context_enterprise_id: null,
      api_app_id: recipient.app.id,
      event,
      type: 'event_callback',
      event_id: eventId,
      event_time: nowS(this.#world),
      authorizations: [
        {
          enterprise_id: null,
          team_id: team.id,
          user_id: recipient.userId,
          is_bot: recipient.isBot,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: false,
      event_context: `4-${Buffer.from(`${team.id}:${eventId}`).toString('base64url')}`,
    };
  }

  #disturb(delivery: Delivery): void {
    const holdFor = this.#faults.takeReorderSize();
    if (holdFor > 0) this.#holdUntil = holdFor;
    if (this.#holdUntil > 0) {
      this.#held.push(delivery);
      if (this.#held.length < this.#holdUntil) return;
      const held = this.#held.reverse();
      this.#held = [];
      this.#holdUntil = 0;
      for (const one of held) this.#enqueue(one);
      return;
    }
    const fault = this.#faults.takeForEvent(delivery.eventType);
    if (fault?.kind === 'drop') return;
    if (fault?.kind === 'delay') {
      this.#world.clock.schedule(fault.delayMs, () => this.#enqueue(delivery));
      return;
    }
    this.#enqueue(delivery);
    if (fault?.kind === 'duplicate') this.#enqueue(delivery);
  }

  #enqueue(delivery: Delivery): void {
    const before = this.#lanes.get(delivery.app.id) ?? Promise.resolve();
    this.#lanes.set(delivery.app.id, this.#tracked(before.then(() => this.#attempt(delivery, 0, undefined))));
  }

  #tracked(work: Promise<void>): Promise<void> {
    this.#running += 1;
    return work.finally(() => {
      this.#running -= 1;
      if (this.#running > 0) return;
      for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  async #attempt(delivery: Delivery, retryNum: number, reason: string | undefined): Promise<void> {
    const url = delivery.app.eventsUrl;
    if (!url || this.#abort.signal.aborted) return;
    const retryHeaders: Record<string, string> = reason
      ? { 'x-slack-retry-num': String(retryNum), 'x-slack-retry-reason': reason }
      : {};
    const outcome = await this.#post(delivery.app, url, delivery.body, retryHeaders);
    if (this.#abort.signal.aborted) return;
    this.log.push({ eventId: delivery.eventId, eventType: delivery.eventType, retryNum, outcome });
    this.#judge(delivery.app, outcome.kind !== 'acknowledged');
    const next = retryReason(outcome);
    const delayMs = retryDelaysMs[retryNum];
    if (!next || delayMs === undefined) return;
    const retry = () => void this.#tracked(this.#attempt(delivery, retryNum + 1, next));
    if (delayMs === 0) retry();
    else this.#world.clock.schedule(delayMs, retry);
  }

  async #post(app: App, url: string, body: string, headers: Record<string, string>): Promise<Outcome> {
    const timeout = new AbortController();
    const cancel = this.#world.clock.schedule(ackTimeoutMs, () => timeout.abort());
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
          ...signRequest(app.signingSecret, body, nowS(this.#world)),
          ...headers,
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([timeout.signal, this.#abort.signal]),
      });
      await response.arrayBuffer();
      if (response.ok) return { kind: 'acknowledged', status: response.status };
      return {
        kind: 'refused',
        status: response.status,
        noRetry: response.headers.get('x-slack-no-retry') === '1',
      };
    } catch {
      return timeout.signal.aborted ? { kind: 'timed_out' } : { kind: 'connection_failed' };
    } finally {
      cancel();
    }
  }

  #judge(app: App, failed: boolean): void {
    const nowMs = this.#world.clock.nowMs();
    const recent = (this.#results.get(app.id) ?? []).filter((result) => result.atMs > nowMs - hourMs);
    recent.push({ atMs: nowMs, failed });
    this.#results.set(app.id, recent);
    const failures = recent.filter((result) => result.failed).length;
    if (recent.length >= disableFromEvents && failures / recent.length > disableAboveRatio) {
      app.eventsUrl = undefined;
    }
  }

  /**
   * Proves the URL as Slack does when a request URL is saved.
   * @throws Error when the URL does not answer with the challenge; Slack then refuses the URL.
   */
  async verifyUrl(app: App, url: string): Promise<void> {
    const challenge = this.#world.ids.base64url(53);
    const body = JSON.stringify({ token: app.verificationToken, challenge, type: 'url_verification' });
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...signRequest(app.signingSecret, body, nowS(this.#world)),
      },
      body,
    });
    const text = await response.text();
    if (!response.ok || !answersChallenge(text, challenge)) {
      throw new Error(`request URL did not answer the challenge: HTTP ${response.status}`);
    }
  }

  async quiescent(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  stop(): void {
    this.#abort.abort();
  }
}

/** The body may be the challenge itself, a form, or JSON. */
function answersChallenge(text: string, challenge: string): boolean {
  if (text.trim() === challenge) return true;
  if (new URLSearchParams(text).get('challenge') === challenge) return true;
  try {
    return (JSON.parse(text) as { challenge?: unknown }).challenge === challenge;
  } catch {
    return false;
  }
}

function retryReason(outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case 'acknowledged':
      return undefined;
    case 'refused':
      return outcome.noRetry ? undefined : 'http_error';
    case 'timed_out':
      return 'http_timeout';
    case 'connection_failed':
      return 'connection_failed';
    default:
      return outcome satisfies never;
  }
}
