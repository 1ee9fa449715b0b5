import type { EventId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { PolicyServer } from '../protocol/policy-server.ts';
import type { AppendInput } from './room-rpc.ts';

/** What a room answers that names a policy server. Plain data only: this crosses RPC. */

/** The room has a policy server, which has to sign the event before it is stored (`takeSigned`). */
export interface UnsignedEvent {
  kind: 'unsigned';
  pdu: JsonObject;
  roomVersion: string;
  policyServer: PolicyServer;
}

/** Nothing was stored: the room's policy server is to be asked first for those events. */
export interface UnsignedEvents {
  kind: 'unsigned';
  eventIds: EventId[];
  policyServer: PolicyServer;
}

/** What became of the redactions of all that a user sent. */
export interface RedactedEvents {
  kind: 'redacted';
  events: number;
  /** What could not be redacted and why, by event. */
  failed: Record<string, string>;
  /** Redactions that the room's policy server has to sign: they are to be appended one by one. */
  unsigned: AppendInput[];
}
