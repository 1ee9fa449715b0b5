/** What `SlackTeamObject` offers: one per login, named by the login's id, since each person has an app of their own. */
export interface SlackTeamRpc {
  /** Durable when it returns. An event that was accepted before is ignored. */
  accept(event: AcceptedEvent): Promise<void>;
  /** The login is new, or works again: queues a resync of every conversation. Durable when it returns. */
  start(): Promise<void>;
  /** The login is gone: forgets everything. */
  stop(): Promise<void>;
  /**
   * Has it look for what the events missed, after it has answered. Called by the cron, which also makes up for a
   * sweep that was cut off: an alarm of its own would double what an idle day costs.
   */
  sweep(): Promise<void>;
}

export interface AcceptedEvent {
  eventId: string;
  /** The `event` of the envelope, as JSON. */
  payload: string;
}
