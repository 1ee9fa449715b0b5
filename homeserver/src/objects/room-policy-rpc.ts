import type { EventId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { PolicyServer } from '../protocol/policy-server.ts';

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
