import { fromDenial, type MatrixError, unknown } from '../../../../matrix/errors.ts';
import {
  type EventId,
  parseServerName,
  type RoomId,
  type ServerName,
} from '../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import { parseStrictJson } from '../../../../matrix/strict-json.ts';
import { JsonStreamError, jsonParts } from '../../../../platform/json-stream.ts';
import type { ReceivedEvent } from '../../objects/room-rpc.ts';
import { roomIdOfCreate } from '../../protocol/event-hash.ts';
import { authEventIds, type Pdu } from '../../protocol/pdu.ts';
import type { RoomVersion } from '../../protocol/room-versions.ts';
import { type Asking, askEvent } from '../ask-server.ts';
import type { FederationParts } from '../federation-parts.ts';
import type { SentPdu } from '../inbound/receive-transaction.ts';
import { soundEvents } from '../inbound/sound-events.ts';
import type { SignedMembership } from './ask-membership.ts';

/** Events that are checked and stored at once. */
const portion = 200;
/** Characters of events that are held for one portion. */
const maxPortionLength = 4 * 1024 * 1024;
/** Events, and characters of events, that may come before the create event if the server does not tell it when asked. */
const maxBeforeCreate = 5_000;
const maxLengthBeforeCreate = 8 * 1024 * 1024;
/** An event has 64 KiB. */
const maxPartLength = 256 * 1024;
/** More are not told of what happens before the members are here. */
const maxServersInRoom = 10_000;
/** Calls that settle a room; each judges a part of it. */
const maxSettling = 200;

/**
 * Takes in the room that another server answered a join with, while it arrives: server-server API, `PUT /send_join`. A
 * room that is here already, since users of this server were in it, learns the state of now, and has a gap.
 * @throws MatrixError; then nothing of a new room is left
 */
export async function takeRoom(
  parts: FederationParts,
  roomId: RoomId,
  { pdu, eventId, version }: SignedMembership,
  body: ReadableStream<Uint8Array>,
  server: ServerName,
): Promise<void> {
  const isHere = (await parts.stubs.room(roomId).roomVersionId()) !== undefined;
  const target = isHere ? new KnownRoom(parts, roomId) : new NewRoom(parts, { server, roomId, version }, pdu);
  const intake = new Intake(parts, roomId, version, target);
  try {
    let joined: Pdu = pdu;
    let isPartial = false;
    let isListed = false;
    const servers = new Set([server]);
    for await (const { key, index, text } of jsonParts(body, maxPartLength)) {
      if (key === 'members_omitted') isPartial = text === 'true';
      if (key === 'servers_in_room' && index !== undefined && index < maxServersInRoom) {
        const name = serverNameIn(text);
        isListed ||= name !== undefined;
        if (name) servers.add(name);
        continue;
      }
      const event = parseEvent(text);
      if (event && index === undefined && key === 'event') {
        joined = (await ours(parts, roomId, version, eventId, event)) ?? joined;
      }
      if (event && index !== undefined && key === 'state') await intake.add(event, text.length, true);
      if (event && index !== undefined && key === 'auth_chain') await intake.add(event, text.length, false);
    }
    await intake.flush();
    if (isPartial && !isListed) throw unknown('The members were left out, and no servers named', 502);
    await target.finish(joined, eventId, isPartial ? [...servers] : undefined);
  } catch (error) {
    await target.abort();
    if (error instanceof JsonStreamError) throw unknown(`The other server's answer: ${error.message}`, 502);
    throw error;
  }
}

function parseEvent(text: string): SentPdu | undefined {
  const parsed = parseStrictJson(text);
  if (!parsed || !isJsonObject(parsed.value)) return undefined;
  return { value: parsed.value, problems: parsed.problems };
}

function serverNameIn(text: string): ServerName | undefined {
  const value = parseStrictJson(text)?.value;
  return typeof value === 'string' ? parseServerName(value) : undefined;
}

/** Our event with the signatures that the other server added. */
async function ours(
  { env }: FederationParts,
  roomId: RoomId,
  version: RoomVersion,
  eventId: EventId,
  event: SentPdu,
): Promise<Pdu | undefined> {
  const { sound } = await soundEvents(env, version, roomId, [event]);
  return sound[0]?.eventId === eventId ? sound[0].pdu : undefined;
}

interface Portion {
  state: Pdu[];
  authChain: Pdu[];
}

interface Target {
  /** Whether events can be taken; until then they are kept. */
  begin(events: readonly SentPdu[]): Promise<boolean>;
  take(events: Portion, stateIds: EventId[]): Promise<void>;
  /** @param servers in the room, if its members were left out */
  finish(joined: Pdu, eventId: EventId, servers: ServerName[] | undefined): Promise<void>;
  abort(): Promise<void>;
}

/** Checks signatures portion by portion. */
class Intake {
  readonly #parts: FederationParts;
  readonly #roomId: RoomId;
  readonly #version: RoomVersion;
  readonly #target: Target;
  #waiting: { event: SentPdu; isState: boolean }[] = [];
  #waitingLength = 0;
  /** How much waits when it is looked at next. */
  #next = { count: portion, length: maxPortionLength };

  constructor(parts: FederationParts, roomId: RoomId, version: RoomVersion, target: Target) {
    this.#parts = parts;
    this.#roomId = roomId;
    this.#version = version;
    this.#target = target;
  }

  /** @param length of its text, in characters */
  async add(event: SentPdu, length: number, isState: boolean): Promise<void> {
    this.#waiting.push({ event, isState });
    this.#waitingLength += length;
    const count = this.#waiting.length;
    if (count < this.#next.count && this.#waitingLength < this.#next.length) return;
    this.#next = { count: count + portion, length: this.#waitingLength + maxPortionLength };
    if (await this.#target.begin(this.#waiting.map((waiting) => waiting.event))) await this.flush();
    else if (count > maxBeforeCreate || this.#waitingLength > maxLengthBeforeCreate)
      throw unknown('The room came without a create event', 502);
  }

  async flush(): Promise<void> {
    const all = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    this.#next = { count: portion, length: maxPortionLength };
    if (!(await this.#target.begin(all.map(({ event }) => event)))) {
      throw unknown('The room came without a create event', 502);
    }
    for (let start = 0; start < all.length; start += portion) {
      const some = all.slice(start, start + portion);
      const { sound } = await soundEvents(
        this.#parts.env,
        this.#version,
        this.#roomId,
        some.map(({ event }) => event),
      );
      const states = new Set(some.filter(({ isState }) => isState).map(({ event }) => event));
      const inState = sound.filter(({ sent }) => states.has(sent));
      const others = sound.filter(({ sent }) => !states.has(sent));
      await this.#target.take(
        { state: inState.map(({ pdu }) => pdu), authChain: others.map(({ pdu }) => pdu) },
        inState.map(({ eventId }) => eventId),
      );
    }
  }
}

class NewRoom implements Target {
  readonly #parts: FederationParts;
  readonly #roomId: RoomId;
  readonly #version: RoomVersion;
  readonly #asking: Asking;
  readonly #join: Pdu;
  #begun = false;
  #asked = false;

  constructor(parts: FederationParts, asking: Omit<Asking, 'env'>, join: Pdu) {
    this.#parts = parts;
    this.#roomId = asking.roomId;
    this.#version = asking.version;
    this.#asking = { ...asking, env: parts.env };
    this.#join = join;
  }

  get #room() {
    return this.#parts.stubs.room(this.#roomId);
  }

  async begin(events: readonly SentPdu[]): Promise<boolean> {
    if (this.#begun) return true;
    const create = events.find((event) => this.#isCreate(event)) ?? (await this.#askForCreate());
    if (!create) return false;
    const { sound } = await soundEvents(this.#parts.env, this.#version, this.#roomId, [create]);
    if (sound.length === 0) throw unknown('The create event is not signed as it should be', 502);
    const begun = await this.#room.beginImport({ roomVersion: this.#version.id, createEvent: create.value });
    if (begun.kind === 'denied') throw fromDenial(begun);
    this.#begun = true;
    return true;
  }

  /**
   * The create event may come after more events than can be held, and in version 12 no auth chain has it. The room's id
   * names it there; before, our join does.
   */
  async #askForCreate(): Promise<SentPdu | undefined> {
    if (this.#asked) return undefined;
    this.#asked = true;
    const isNamedByRoom = this.#version.roomIds === 'createHash';
    const ids = isNamedByRoom ? [`$${this.#roomId.slice(1)}` as EventId] : authEventIds(this.#join);
    for (const id of ids) {
      const [event] = await askEvent(this.#asking, id);
      // It has what it told our join to rest on, or answers no such questions.
      if (!event) return undefined;
      if (this.#isCreate(event)) return event;
    }
    return undefined;
  }

  #isCreate({ value }: SentPdu): boolean {
    if (value.type !== 'm.room.create') return false;
    try {
      return roomIdOfCreate(value as never, this.#version) === this.#roomId;
    } catch {
      return false;
    }
  }

  async take({ state, authChain }: Portion): Promise<void> {
    const progress = await this.#room.importEvents({
      state: state.map((pdu) => ({ ...pdu })),
      authChain: authChain.map((pdu) => ({ ...pdu })),
    });
    if (progress.kind === 'denied') throw fromDenial(progress);
  }

  async finish(joined: Pdu, _eventId: EventId, servers: ServerName[] | undefined): Promise<void> {
    for (let round = 0; ; round++) {
      const progress = await this.#room.settleImport();
      if (progress.kind === 'denied') throw fromDenial(progress);
      if (progress.waiting === 0) break;
      if (round > maxSettling) throw unknown('The room could not be settled', 502);
    }
    const result = await this.#room.finishImport({ ...joined }, servers);
    if (result.kind === 'denied') throw refused(fromDenial(result));
  }

  async abort(): Promise<void> {
    if (this.#begun) await this.#room.abortImport();
  }
}

class KnownRoom implements Target {
  readonly #parts: FederationParts;
  readonly #roomId: RoomId;
  readonly #stateIds: EventId[] = [];

  constructor(parts: FederationParts, roomId: RoomId) {
    this.#parts = parts;
    this.#roomId = roomId;
  }

  async begin(): Promise<boolean> {
    return true;
  }

  async take({ state, authChain }: Portion, stateIds: EventId[]): Promise<void> {
    const pdus = [...authChain, ...state].map((pdu) => ({ ...pdu }));
    await this.#parts.stubs.room(this.#roomId).receiveOutliers(pdus);
    this.#stateIds.push(...stateIds);
  }

  async finish(joined: Pdu, eventId: EventId, servers: ServerName[] | undefined): Promise<void> {
    const room = this.#parts.stubs.room(this.#roomId);
    const unknownIds = new Set(await room.unknownOf(this.#stateIds));
    const state = this.#stateIds.filter((id) => !unknownIds.has(id));
    if (servers) {
      const pdu = { ...joined };
      const result = await room.takePartialJoin({ pdu, eventId, stateBefore: state, servers });
      if (result.kind === 'denied') throw fromDenial(result);
      requireTaken(result.kind);
      return;
    }
    const results = await room.receive({
      pdus: [{ ...joined }],
      statesBefore: { [eventId]: state },
      // Who let us in has seen to it.
      refusedByPolicy: [],
    });
    if ('errcode' in results) throw fromDenial(results);
    if (!Array.isArray(results)) throw unknown('The join was not taken in');
    const [result] = results;
    requireTaken(result?.kind);
  }

  async abort(): Promise<void> {}
}

function requireTaken(kind: ReceivedEvent['kind'] | undefined): void {
  if (kind === 'accepted' || kind === 'known') return;
  throw unknown('The join is not allowed by the state that came with it', 502);
}

/** The other server let us in; what it sent does not. */
function refused(error: MatrixError): MatrixError {
  return error.status >= 500 ? error : unknown(error.message, 502);
}
