import { DurableObject } from 'cloudflare:workers';
import { DueWork } from '../../../platform/due-work.ts';
import { errorText, log } from '../../../platform/log.ts';
import { openBridge } from '../../core/bridge.ts';
import { slackConnector } from '../slack-connector.ts';
import type { SlackEnv } from '../slack-env.ts';
import { drainInbox, inboxChatOf } from './drain-inbox.ts';
import { listConversations } from './list-conversations.ts';
import { refreshProfiles } from './refresh-profiles.ts';
import type { AcceptedEvent, SlackTeamRpc } from './slack-team-rpc.ts';
import { openTeamStore, type TeamStore } from './storage/team-store.ts';
import { sweepConversations } from './sweep-conversations.ts';
import type { SlackTeam } from './team-context.ts';

/** The alarm that finishes what an interrupted drain left. */
const safetyMs = 5_000;
const purgeMs = 24 * 3_600_000;
const purgeMoreMs = 10_000;

/** One login to a workspace: takes its app's events, lists its conversations, looks for what was missed. */
export class SlackTeamObject extends DurableObject<SlackEnv> implements SlackTeamRpc {
  readonly #store: TeamStore;
  readonly #team: SlackTeam;
  readonly #due: DueWork;
  #draining: Promise<number | undefined> | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: SlackEnv) {
    super(ctx, env);
    const bridge = openBridge(env, slackConnector);
    this.#store = openTeamStore(ctx.storage, bridge.config.meter);
    this.#due = new DueWork(this.#store.sqlite);
    const { name: loginId = '' } = ctx.id;
    this.#team = { bridge, store: this.#store, due: this.#due, loginId, now: () => Date.now() };
  }

  async accept(event: AcceptedEvent): Promise<void> {
    if (this.#store.stopped.get()) return;
    const chatId = inboxChatOf(this.#team.loginId, event.payload);
    if (this.#store.inbox.add(event, chatId, Date.now())) this.#startDrain();
  }

  async start(): Promise<void> {
    const nowMs = Date.now();
    this.#store.stopped.set(false);
    this.#store.conversations.setListing('', String(nowMs));
    this.#due.schedule('list', nowMs);
  }

  async stop(): Promise<void> {
    this.#store.stopped.set(true);
    this.#store.inbox.clear();
    this.#store.staleProfiles.clear();
    this.#store.conversations.clear();
  }

  async sweep(): Promise<void> {
    this.#sweeping ??= sweepConversations(this.#team).finally(() => {
      this.#sweeping = undefined;
    });
    this.ctx.waitUntil(this.#sweeping);
  }

  override async alarm(): Promise<void> {
    const handlers = {
      inbox: () => this.#drain(),
      profiles: () => refreshProfiles(this.#team),
      list: () => listConversations(this.#team),
      purge: () => this.#purge(),
    };
    await this.#due.run(Date.now(), handlers, (work, error) =>
      log('error', 'slack.alarm_failed', { work, error: errorText(error) }),
    );
  }

  #startDrain(): void {
    this.#due.schedule('inbox', Date.now() + safetyMs);
    this.#due.schedule('purge', Date.now() + purgeMs);
    this.#drain().then(
      (dueMs) => dueMs !== undefined && this.#due.schedule('inbox', dueMs),
      (error) => log('error', 'slack.drain_failed', { error: errorText(error) }),
    );
  }

  #drain(): Promise<number | undefined> {
    this.#draining ??= drainInbox(this.#team).finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #purge(): Promise<number | undefined> {
    return this.#store.inbox.purge(Date.now()) ? Date.now() + purgeMoreMs : undefined;
  }
}
