import type { Denial } from '../../../matrix/errors.ts';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { RedactedEvents } from './room-policy-rpc.ts';
import type { ForwardExtremity, PurgedHistory, RoomFacts } from './room-rpc.ts';

/** What `RoomObject` does for administrators. Denied if there is no such room. Plain data only: this crosses RPC. */
export interface RoomAdminRpc {
  facts(): Promise<RoomFacts | Denial>;
  forwardExtremities(): Promise<{ kind: 'extremities'; events: ForwardExtremity[] } | Denial>;
  /**
   * Redacts, in the user's own name, what they sent: the newest `limit` events that are not state.
   * @returns what could not be redacted and why, by event
   */
  redactEventsOf(userId: UserId, reason: string | undefined, limit: number): Promise<RedactedEvents | Denial>;
  /** `mxc:` URIs in events that are not encrypted, of a stretch of the newest ones before `before`. */
  mediaIn(before?: number): Promise<{ kind: 'media'; uris: string[]; next?: number } | Denial>;

  /**
   * Purges messages that are from before this time (epoch ms) and older than a day; state stays. A batch at most.
   * @param after position that `PurgedHistory.next` said
   */
  purgeHistory(beforeMs: number, after?: number): Promise<PurgedHistory | Denial>;
  /** Removes the room altogether. Refused while users of this server are in it, unless `force` makes them leave. */
  purgeRoom(force: boolean): Promise<{ kind: 'done' } | Denial>;
}
