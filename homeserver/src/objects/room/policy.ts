import type { EventId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import {
  isExemptFromPolicy,
  namedPolicyServer,
  type PolicyServer,
  policySignature,
} from '../../protocol/policy-server.ts';
import { eventById } from '../../storage/room/events.ts';
import { joinedServer } from '../../storage/room/joined-servers.ts';
import { hasLocalMember } from '../../storage/room/members.ts';
import { stateEvent } from '../../storage/room/state.ts';
import type { UnsignedEvent, UnsignedEvents } from '../room-policy-rpc.ts';
import type { AppendInput, AppendResult } from '../room-rpc.ts';
import { draftAppend } from './graph/append-event.ts';
import { readIncoming } from './incoming/incoming-event.ts';
import type { Room } from './room.ts';

/** The room's policy server, as the current state names it. Kept in memory, since rooms have none as a rule. */
export class RoomPolicy {
  readonly #room: Room;
  /** `null`: none is named. */
  #named: PolicyServer | null | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  /** State may have changed. */
  forget(): void {
    this.#named = undefined;
  }

  /** Who has to sign the event before it is accepted; nobody as a rule. */
  serverFor({ type, stateKey }: Pick<AppendInput, 'type' | 'stateKey'>): PolicyServer | undefined {
    return isExemptFromPolicy(type, stateKey) ? undefined : this.#server();
  }

  /** Those of the events that the policy server is to be asked for, as they came without its signature. */
  unsignedOf(pdus: readonly JsonObject[]): UnsignedEvents | undefined {
    const server = this.#server();
    if (!server) return undefined;
    const eventIds = this.#newWith(pdus, server, 'missing');
    return eventIds.length > 0 ? { kind: 'unsigned', eventIds, policyServer: server } : undefined;
  }

  /** Those of the events that bear a signature of the policy server that is not its own. */
  forgedOf(pdus: readonly JsonObject[]): EventId[] {
    const server = this.#server();
    return server ? this.#newWith(pdus, server, 'invalid') : [];
  }

  #newWith(
    pdus: readonly JsonObject[],
    server: PolicyServer,
    kind: ReturnType<typeof policySignature>,
  ): EventId[] {
    return pdus.flatMap((value) => {
      const incoming = readIncoming(this.#room, value);
      if (incoming.kind === 'malformed') return [];
      const { pdu, eventId } = incoming;
      if (isExemptFromPolicy(pdu.type, pdu.state_key)) return [];
      if (policySignature(pdu, this.#room.version, server) !== kind) return [];
      const known = eventById(this.#room.sqlite, eventId);
      return known && (known.position > 0 || known.place) ? [] : [eventId];
    });
  }

  #server(): PolicyServer | undefined {
    if (this.#named === undefined) {
      const policy = stateEvent(this.#room.sqlite, 'm.room.policy', '');
      const isSet = policy && policy.redactedBy === undefined;
      this.#named = (isSet ? namedPolicyServer(policy.pdu.content) : undefined) ?? null;
    }
    return this.#named && this.#isJoined(this.#named) ? this.#named : undefined;
  }

  /** Nobody is made a policy server who has not come. */
  #isJoined({ name }: PolicyServer): boolean {
    const { sqlite, config } = this.#room;
    if (name === config.serverName) return hasLocalMember(sqlite);
    const joined = joinedServer(sqlite, name);
    return joined !== undefined && joined.until === undefined;
  }
}

/** An event as it would be appended now. Nothing is stored. */
export function draftForPolicy(
  room: Room,
  input: AppendInput,
  policyServer: PolicyServer,
  nowMs: number,
): AppendResult | UnsignedEvent {
  const draft = draftAppend(room, input, nowMs);
  if (draft.kind === 'denied') return draft;
  if (draft.kind !== 'drafted') {
    return { kind: 'accepted', eventId: draft.eventId, position: draft.position };
  }
  return { kind: 'unsigned', pdu: { ...draft.pdu }, roomVersion: room.version.id, policyServer };
}
