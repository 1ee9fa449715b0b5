import type { JsonObject } from '../../matrix/json.ts';
import type { RemoteMessageId } from './remote-ids.ts';

/** What became of a call that changes something on the network. */
export type SendOutcome =
  /** `raw`: the message as the network answered it, so that its echo is known not to be an edit. */
  | { kind: 'sent'; messageId: RemoteMessageId; raw?: JsonObject }
  /** It certainly did not happen and may later: a rate limit, a refused connection. */
  | { kind: 'retry'; afterMs: number; reason: string }
  /** It may have happened: time-out, broken connection, 5xx. Never repeated before `findSent` has looked. */
  | { kind: 'unknown'; reason: string }
  | SendFailure;

/** The same for edits, removals and reactions, which are safe to repeat. */
export type ChangeOutcome =
  /** `raw`: the edited message as the network answered it, so that its echo is recognised. */
  { kind: 'done'; raw?: JsonObject } | { kind: 'retry'; afterMs: number; reason: string } | SendFailure;

/** It did not happen and never will. */
export interface SendFailure {
  kind: 'failed';
  /** For the log and the status event: the network's error code. */
  reason: string;
  /** One sentence for the sender. */
  notice: string;
}

export type FindOutcome =
  | { kind: 'found'; messageId: RemoteMessageId }
  | { kind: 'absent' }
  /** The look-up itself did not work; ask again. */
  | { kind: 'retry'; afterMs: number };

/** Thrown by anything that a connector does for a remote event, when the same may work later. */
export class RetryLater extends Error {
  readonly afterMs: number;

  constructor(afterMs: number, reason: string) {
    super(reason);
    this.name = 'RetryLater';
    this.afterMs = afterMs;
  }
}

/** Thrown when the login no longer works: it is marked, and its owner told. */
export class LoginRefused extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'LoginRefused';
  }
}

/** Thrown when there is no such login (any more). */
export class LoginGone extends Error {
  constructor() {
    super('logged out');
    this.name = 'LoginGone';
  }
}
