/** What `SlackTeamObject` offers: one per login, named by the login's id, since each person has an app of their own. */
export interface SlackTeamRpc {
  /** Durable when it returns. An event that was accepted before is ignored. */
  accept(event: AcceptedEvent): Promise<void>;
  /** The login is new, or works again: queues a resync of every conversation. Durable when it returns. */
  start(): Promise<void>;
  /** The login is gone: forgets everything. */
  stop(): Promise<void>;
  /** Has it look for what the events missed; called by the cron. Durable when it returns. */
  sweep(): Promise<void>;
}

export interface AcceptedEvent {
  eventId: string;
  /** The `event` of the envelope, as JSON. */
  payload: string;
}
