import type { JsonObject } from '../../../matrix/json.ts';

export interface FakeEvent {
  eventId: string;
  roomId: string;
  sender: string;
  type: string;
  content: JsonObject;
  stateKey?: string;
  redacts?: string;
  ts: number | undefined;
}

type Answer = { status: number; body: JsonObject };

const ok = (body: JsonObject = {}): Answer => ({ status: 200, body });
const refuse = (status: number, errcode: string): Answer => ({ status, body: { errcode, error: errcode } });

/**
 * The part of the client-server API that bridges use, in memory, as strict about membership and transaction
 * ids as a homeserver has to be. Tests look at what it holds, and make it fail.
 */
export class FakeHomeserver {
  readonly serverName: string;
  readonly events: FakeEvent[] = [];
  readonly registered = new Set<string>();
  readonly displayNames = new Map<string, string>();
  readonly members = new Map<string, Map<string, string>>();
  readonly aliases = new Map<string, string>();
  readonly accountData = new Map<string, JsonObject>();
  readonly requests: string[] = [];
  /** Called before a request is carried out; what it returns is the answer instead. */
  before: (request: { method: string; path: string; userId: string }) => Answer | undefined = () => undefined;
  /** Called after one was carried out: an answer that gets lost. */
  after: (request: { method: string; path: string; userId: string }) => Answer | undefined = () => undefined;
  readonly #bot: string;
  readonly #asTokens: string[];
  readonly #transactions = new Map<string, string>();
  #count = 0;

  constructor(serverName: string, botLocalpart: string, asTokens: string[]) {
    this.serverName = serverName;
    this.#bot = `@${botLocalpart}:${serverName}`;
    this.#asTokens = asTokens;
  }

  async fetch(url: string, init: RequestInit): Promise<Response> {
    const { pathname, searchParams } = new URL(url);
    const method = init.method ?? 'GET';
    const userId = searchParams.get('user_id') ?? this.#bot;
    const request = { method, path: decodeURIComponent(pathname), userId };
    this.requests.push(`${method} ${request.path}`);
    const token = new Headers(init.headers).get('authorization')?.replace('Bearer ', '') ?? '';
    const json = typeof init.body === 'string' ? (JSON.parse(init.body) as JsonObject) : {};
    const parts = pathname.split('/').slice(3).map(decodeURIComponent);
    const ts = searchParams.get('ts');
    const answer = !this.#asTokens.includes(token)
      ? refuse(401, 'M_UNKNOWN_TOKEN')
      : (this.before(request) ??
        mask(
          this.#route(method, parts, userId, json, ts === null ? undefined : Number(ts)),
          this.after(request),
        ));
    return Response.json(answer.body, { status: answer.status });
  }

  /** Messages of a room as `sender: body`, replacements and redactions applied. */
  timeline(roomId: string): string[] {
    const ofRoom = this.events.filter((event) => event.roomId === roomId);
    const redacted = new Set(ofRoom.flatMap((event) => event.redacts ?? []));
    return ofRoom
      .filter((event) => event.type === 'm.room.message' && !redacted.has(event.eventId))
      .filter((event) => relation(event)?.rel_type !== 'm.replace')
      .map((event) => {
        const edits = ofRoom.filter(
          (other) => relation(other)?.rel_type === 'm.replace' && relation(other)?.event_id === event.eventId,
        );
        const newContent = edits.at(-1)?.content['m.new_content'] as JsonObject | undefined;
        return `${event.sender.split(':')[0]}: ${(newContent ?? event.content).body}`;
      });
  }

  #route(method: string, path: string[], userId: string, json: JsonObject, ts: number | undefined): Answer {
    const [, area, id = '', action, ...rest] = path;
    if (path[0] === 'v3' && path[1] === 'upload')
      return ok({ content_uri: `mxc://${this.serverName}/media${++this.#count}` });
    switch (area) {
      case 'register':
        return this.#register(String(json.username));
      case 'createRoom':
        return this.#createRoom(userId, json);
      case 'join':
        return this.#join(id, userId);
      case 'profile':
        if (action === 'displayname') this.displayNames.set(id, String(json.displayname));
        return ok();
      case 'directory': {
        const roomId = this.aliases.get(path[3] ?? '');
        return roomId ? ok({ room_id: roomId, servers: [] }) : refuse(404, 'M_NOT_FOUND');
      }
      case 'user': {
        const key = `${id} ${rest[0]}`;
        if (method === 'PUT') this.accountData.set(key, json);
        const known = this.accountData.get(key);
        return known ? ok(known) : refuse(404, 'M_NOT_FOUND');
      }
      case 'rooms':
        return this.#room(method, id, action ?? '', rest, userId, json, ts);
      default:
        return refuse(404, 'M_UNRECOGNIZED');
    }
  }

  #register(localpart: string): Answer {
    const userId = `@${localpart}:${this.serverName}`;
    if (this.registered.has(userId)) return refuse(400, 'M_USER_IN_USE');
    this.registered.add(userId);
    return ok({ user_id: userId });
  }

  #createRoom(userId: string, json: JsonObject): Answer {
    const alias = json.room_alias_name ? `#${json.room_alias_name}:${this.serverName}` : undefined;
    if (alias && this.aliases.has(alias)) return refuse(400, 'M_ROOM_IN_USE');
    const roomId = `!room${++this.#count}:${this.serverName}`;
    if (alias) this.aliases.set(alias, roomId);
    const members = new Map([[userId, 'join']]);
    for (const invited of (json.invite as string[] | undefined) ?? []) members.set(invited, 'invite');
    this.members.set(roomId, members);
    this.#append(roomId, userId, 'm.room.create', (json.creation_content as JsonObject) ?? {}, {
      stateKey: '',
    });
    if (json.name) this.#append(roomId, userId, 'm.room.name', { name: json.name }, { stateKey: '' });
    return ok({ room_id: roomId });
  }

  #join(roomId: string, userId: string): Answer {
    const members = this.members.get(roomId);
    if (!members?.has(userId)) return refuse(403, 'M_FORBIDDEN');
    members.set(userId, 'join');
    return ok({ room_id: roomId });
  }

  #room(
    method: string,
    roomId: string,
    action: string,
    rest: string[],
    userId: string,
    json: JsonObject,
    ts: number | undefined,
  ): Answer {
    const members = this.members.get(roomId);
    if (members?.get(userId) !== 'join') return refuse(403, 'M_FORBIDDEN');
    const [first = '', second = ''] = rest;
    switch (action) {
      case 'invite': {
        const invited = String(json.user_id);
        if (members.get(invited) === 'join') return refuse(403, 'M_FORBIDDEN');
        members.set(invited, 'invite');
        return ok();
      }
      case 'send':
        if (
          !this.#transactions.has(`${userId} ${roomId} ${second}`) &&
          this.#hasAnnotated(userId, first, json)
        ) {
          return refuse(400, 'M_DUPLICATE_ANNOTATION');
        }
        return this.#once(`${userId} ${roomId} ${second}`, () =>
          this.#append(roomId, userId, first, json, { ts }),
        );
      case 'redact':
        return this.#once(`${userId} ${roomId} ${second}`, () =>
          this.#append(roomId, userId, 'm.room.redaction', json, { redacts: first }),
        );
      case 'state':
        return ok({ event_id: this.#append(roomId, userId, first, json, { stateKey: second }) });
      case 'read_markers':
        return ok();
      default:
        return refuse(404, `M_UNRECOGNIZED_${method}`);
    }
  }

  /** The same reaction of the same user stands already. */
  #hasAnnotated(sender: string, type: string, content: JsonObject): boolean {
    const wanted = content['m.relates_to'] as JsonObject | undefined;
    if (wanted?.rel_type !== 'm.annotation') return false;
    const redacted = new Set(this.events.map((event) => event.redacts));
    return this.events.some(
      (event) =>
        event.sender === sender &&
        event.type === type &&
        !redacted.has(event.eventId) &&
        relation(event)?.rel_type === 'm.annotation' &&
        relation(event)?.event_id === wanted.event_id &&
        relation(event)?.key === wanted.key,
    );
  }

  #once(key: string, append: () => string): Answer {
    const eventId = this.#transactions.get(key) ?? append();
    this.#transactions.set(key, eventId);
    return ok({ event_id: eventId });
  }

  #append(
    roomId: string,
    sender: string,
    type: string,
    content: JsonObject,
    more: { stateKey?: string; redacts?: string; ts?: number | undefined },
  ): string {
    const eventId = `$event${++this.#count}`;
    this.events.push({ eventId, roomId, sender, type, content, ts: more.ts, ...more });
    return eventId;
  }
}

function mask(answer: Answer, instead: Answer | undefined): Answer {
  return instead ?? answer;
}

function relation(event: FakeEvent): JsonObject | undefined {
  return event.content['m.relates_to'] as JsonObject | undefined;
}
