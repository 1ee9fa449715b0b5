import { randomUUID } from 'node:crypto';
import { patienceMs } from './conformance-test.ts';
import type { Page, SyncAnswer } from './events.ts';
import { type Answer, type CallOptions, call, ok, p } from './http.ts';

type Body = Record<string, unknown>;
type Query = NonNullable<CallOptions['query']>;

export interface SyncOptions extends Query {
  since?: string;
  timeout?: number;
  /** An id, or JSON. */
  filter?: string;
  full_state?: boolean;
  set_presence?: string;
}

/** How long one sync waits on the server. */
const pollMs = 2000;

/** Servers to ask, as a query. */
export function viaQuery(via: readonly string[]): string {
  const query = via.map((name) => `via=${encodeURIComponent(name)}`).join('&');
  return query && `?${query}`;
}

/** A logged-in device of an account. */
export class User {
  readonly userId: string;
  readonly deviceId: string;
  readonly password: string;
  /** Address of the server that it is asked at; undefined for the target. */
  readonly at: string | undefined;
  accessToken: string;
  #position: string | undefined;

  constructor(
    body: { user_id: string; access_token: string; device_id: string },
    password: string,
    at?: string,
  ) {
    this.at = at;
    this.userId = body.user_id;
    this.accessToken = body.access_token;
    this.deviceId = body.device_id;
    this.password = password;
  }

  get localpart(): string {
    return this.userId.slice(1, this.userId.indexOf(':'));
  }

  get serverName(): string {
    return this.userId.slice(this.userId.indexOf(':') + 1);
  }

  /** A request whose answer is looked at, whatever it is. */
  call<T = Body>(method: string, path: string, body?: unknown, query?: Query): Promise<Answer<T>> {
    return call<T>(method, path, {
      at: this.at,
      token: this.accessToken,
      ...(body !== undefined && { body }),
      ...(query && { query }),
    });
  }

  /** A request that must succeed. */
  ok<T = Body>(method: string, path: string, body?: unknown, query?: Query): Promise<T> {
    return ok<T>(method, path, {
      at: this.at,
      token: this.accessToken,
      ...(body !== undefined && { body }),
      ...(query && { query }),
    });
  }

  /** The status and the error code of a request, for `expect(…).toEqual([403, 'M_FORBIDDEN'])`. */
  async refusal(method: string, path: string, body?: unknown, query?: Query): Promise<[number, unknown]> {
    const answer = await this.call(method, path, body, query);
    return [answer.status, answer.body.errcode];
  }

  async createRoom(body: Body = {}): Promise<string> {
    return (await this.ok<{ room_id: string }>('POST', '/v3/createRoom', body)).room_id;
  }

  createPublicRoom(body: Body = {}): Promise<string> {
    return this.createRoom({ preset: 'public_chat', ...body });
  }

  /** @param via servers to join through, the first one first */
  async join(roomIdOrAlias: string, body: Body = {}, via: readonly string[] = []): Promise<string> {
    const path = p`/v3/join/${roomIdOrAlias}` + viaQuery(via);
    return (await this.ok<{ room_id: string }>('POST', path, body)).room_id;
  }

  async leave(roomId: string): Promise<void> {
    await this.ok('POST', p`/v3/rooms/${roomId}/leave`, {});
  }

  async invite(roomId: string, user: User, body: Body = {}): Promise<void> {
    await this.ok('POST', p`/v3/rooms/${roomId}/invite`, { user_id: user.userId, ...body });
  }

  async kick(roomId: string, user: User): Promise<void> {
    await this.ok('POST', p`/v3/rooms/${roomId}/kick`, { user_id: user.userId });
  }

  async ban(roomId: string, user: User): Promise<void> {
    await this.ok('POST', p`/v3/rooms/${roomId}/ban`, { user_id: user.userId });
  }

  async unban(roomId: string, user: User): Promise<void> {
    await this.ok('POST', p`/v3/rooms/${roomId}/unban`, { user_id: user.userId });
  }

  async send(roomId: string, type: string, content: Body, txnId: string = randomUUID()): Promise<string> {
    const path = p`/v3/rooms/${roomId}/send/${type}/${txnId}`;
    return (await this.ok<{ event_id: string }>('PUT', path, content)).event_id;
  }

  message(roomId: string, body: string, extra: Body = {}): Promise<string> {
    return this.send(roomId, 'm.room.message', { msgtype: 'm.text', body, ...extra });
  }

  /** Several messages, named by a prefix and a number from 0. @returns the event ids in their order */
  async messages(roomId: string, prefix: string, count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) ids.push(await this.message(roomId, `${prefix} ${i}`));
    return ids;
  }

  async setState(roomId: string, type: string, content: Body, stateKey = ''): Promise<string> {
    const path = p`/v3/rooms/${roomId}/state/${type}/${stateKey}`;
    return (await this.ok<{ event_id: string }>('PUT', path, content)).event_id;
  }

  /** The content of a state event. */
  state<T = Body>(roomId: string, type: string, stateKey = ''): Promise<T> {
    return this.ok<T>('GET', p`/v3/rooms/${roomId}/state/${type}/${stateKey}`);
  }

  /** Changes a room's power levels. */
  async setPowerLevels(roomId: string, change: (levels: Body & { users: Body }) => void): Promise<void> {
    const levels = await this.state<Body & { users: Body }>(roomId, 'm.room.power_levels');
    levels.users ??= {};
    change(levels);
    await this.setState(roomId, 'm.room.power_levels', levels);
  }

  async redact(roomId: string, eventId: string, body: Body = {}): Promise<string> {
    const path = p`/v3/rooms/${roomId}/redact/${eventId}/${randomUUID()}`;
    return (await this.ok<{ event_id: string }>('PUT', path, body)).event_id;
  }

  pageOf(roomId: string, query: Query): Promise<Page> {
    return this.ok<Page>('GET', p`/v3/rooms/${roomId}/messages`, undefined, query);
  }

  async setAccountData(type: string, content: Body): Promise<void> {
    await this.ok('PUT', p`/v3/user/${this.userId}/account_data/${type}`, content);
  }

  async sync(options: SyncOptions = {}): Promise<SyncAnswer> {
    const answer = await this.ok<SyncAnswer>('GET', '/v3/sync', undefined, { timeout: 0, ...options });
    this.#position = answer.next_batch;
    return answer;
  }

  /**
   * The position now: what happens later comes after it. Goes on from the last sync where there was one, because a
   * server may answer a repeated initial sync from a cache.
   */
  async now(): Promise<string> {
    const since = this.#position;
    return (await this.sync(since === undefined ? {} : { since })).next_batch;
  }

  /**
   * Syncs onward, waiting on the server, until an answer fits.
   * @throws Error after some seconds, naming what was missing
   */
  async syncUntil(
    what: string,
    fits: (answer: SyncAnswer) => boolean,
    options: SyncOptions = {},
  ): Promise<SyncAnswer> {
    let since = options.since;
    const startMs = Date.now();
    let leftMs = patienceMs();
    do {
      const timeout = Math.min(pollMs, leftMs);
      const answer = await this.sync({ ...options, ...(since !== undefined && { since, timeout }) });
      if (fits(answer)) return answer;
      since = answer.next_batch;
      leftMs = patienceMs() - (Date.now() - startMs);
    } while (leftMs > 0);
    throw new Error(`no sync of ${this.userId} brought ${what}`);
  }

  /** As {@link syncUntil}, with everything that came on the way gathered. */
  async syncAllUntil(
    what: string,
    fits: (answer: SyncAnswer) => boolean,
    options: SyncOptions = {},
  ): Promise<SyncAnswer[]> {
    const gathered: SyncAnswer[] = [];
    await this.syncUntil(
      what,
      (answer) => {
        gathered.push(answer);
        return fits(answer);
      },
      options,
    );
    return gathered;
  }
}
