import { register } from '../../test/harness/matrix-client.ts';
import { waitFor } from '../../test/harness/wait-for.ts';

interface ClientEvent {
  event_id: string;
  type: string;
  state_key?: string;
  sender: string;
  content: Record<string, unknown>;
}

/** A room as a server has it. */
export interface Picture {
  /** By type and state key, ids of events. */
  state: Record<string, string>;
  /** Sender and id of each event, from the first to the last. */
  history: string[];
}

let transactions = 0;

/** A server of a federation and one user of it, asked as a client asks. */
export class FederationSide {
  readonly serverName: string;
  readonly userId: string;
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, serverName: string, userId: string, token: string) {
    this.#url = url;
    this.serverName = serverName;
    this.userId = userId;
    this.#token = token;
  }

  static async register(url: string, serverName: string, name: string): Promise<FederationSide> {
    const { userId, accessToken } = await register(url, name);
    return new FederationSide(url, serverName, userId, accessToken);
  }

  /** @param path behind `/_matrix/client/`. @throws Error with the answer if it is not 200 */
  async call<T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.#url}/_matrix/client/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }

  async createRoom(options: object): Promise<string> {
    return (await this.call<{ room_id: string }>('POST', 'v3/createRoom', options)).room_id;
  }

  async join(roomId: string, via: string): Promise<void> {
    await this.call('POST', `v3/join/${encodeURIComponent(roomId)}?via=${via}&server_name=${via}`, {});
  }

  act(roomId: string, action: string, body: object = {}): Promise<Record<string, unknown>> {
    return this.call('POST', `v3/rooms/${encodeURIComponent(roomId)}/${action}`, body);
  }

  async say(roomId: string, body: string): Promise<string> {
    const path = `v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${++transactions}`;
    const { event_id: eventId } = await this.call<{ event_id: string }>('PUT', path, {
      msgtype: 'm.text',
      body,
    });
    return eventId;
  }

  setState(roomId: string, type: string, content: object): Promise<Record<string, unknown>> {
    return this.call('PUT', `v3/rooms/${encodeURIComponent(roomId)}/state/${type}/`, content);
  }

  async stateContent(roomId: string, type: string, stateKey = ''): Promise<Record<string, unknown>> {
    const path = `v3/rooms/${encodeURIComponent(roomId)}/state/${type}/${encodeURIComponent(stateKey)}`;
    return this.call('GET', path);
  }

  async picture(roomId: string): Promise<Picture> {
    const events = await this.call<ClientEvent[]>('GET', `v3/rooms/${encodeURIComponent(roomId)}/state`);
    const state = events.map((event) => [`${event.type} ${event.state_key}`, event.event_id] as const);
    // Back to the beginning first: that fetches what this server does not have yet.
    const { start } = await this.#walk(roomId, 'b');
    const { history } = await this.#walk(roomId, 'f', start);
    return { state: Object.fromEntries(state.toSorted(([a], [b]) => (a < b ? -1 : 1))), history };
  }

  /** @returns senders and ids of events, and the token behind the last one, if it has one */
  async #walk(
    roomId: string,
    dir: 'b' | 'f',
    start?: string,
  ): Promise<{ history: string[]; start: string | undefined }> {
    const history: string[] = [];
    for (let from = start; ; ) {
      const query = new URLSearchParams({ dir, limit: '100', ...(from !== undefined && { from }) });
      const path = `v3/rooms/${encodeURIComponent(roomId)}/messages?${query}`;
      const page = await this.call<{ chunk: ClientEvent[]; end?: string }>('GET', path);
      history.push(...page.chunk.map((event) => `${event.sender} ${event.event_id}`));
      if (page.chunk.length === 0) return { history, start: from };
      from = page.end;
      if (from === undefined) return { history, start: undefined };
    }
  }

  /** @returns where it is */
  async upload(bytes: Buffer, type: string): Promise<string> {
    const response = await fetch(`${this.#url}/_matrix/media/v3/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': type },
      body: new Uint8Array(bytes),
    });
    return ((await response.json()) as { content_uri: string }).content_uri;
  }

  /** @param path behind `/_matrix/client/v1/media/` */
  async fetchMedia(path: string): Promise<{ type: string; bytes: Buffer }> {
    const response = await fetch(`${this.#url}/_matrix/client/v1/media/${path}`, {
      headers: { authorization: `Bearer ${this.#token}` },
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`${path}: ${response.status} ${bytes}`);
    return { type: response.headers.get('content-type') ?? '', bytes };
  }

  /** Messages, oldest first. */
  async messages(roomId: string): Promise<string[]> {
    const path = `v3/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=100`;
    const { chunk } = await this.call<{ chunk: ClientEvent[] }>('GET', path);
    return chunk
      .filter(({ type }) => type === 'm.room.message')
      .map(({ content }) => String(content.body))
      .reverse();
  }

  async membership(roomId: string, userId: string): Promise<unknown> {
    const path = `v3/rooms/${encodeURIComponent(roomId)}/state/m.room.member/${encodeURIComponent(userId)}`;
    return (await this.call('GET', path)).membership;
  }

  /** Waits until the messages are there, in whatever order. */
  async hears(roomId: string, ...bodies: string[]): Promise<void> {
    await waitFor(`${bodies.join(', ')} at ${this.userId}`, async () => {
      const heard = await this.messages(roomId);
      return bodies.every((body) => heard.includes(body));
    });
  }

  async seesInvitation(roomId: string): Promise<void> {
    await waitFor(`an invitation of ${this.userId}`, async () => {
      const { rooms } = await this.call<{ rooms?: { invite?: Record<string, unknown> } }>(
        'GET',
        'v3/sync?timeout=0',
      );
      return rooms?.invite?.[roomId] !== undefined;
    });
  }

  /** Who is banned may not ask Synapse for the state. */
  async isOutOf(roomId: string): Promise<void> {
    await waitFor(`the departure of ${this.userId}`, async () => {
      const { rooms } = await this.call<{ rooms?: { join?: object } }>('GET', 'v3/sync?timeout=0');
      return rooms?.join === undefined || !Object.hasOwn(rooms.join, roomId);
    });
  }

  types(roomId: string): Promise<Record<string, unknown>> {
    const path = `v3/rooms/${encodeURIComponent(roomId)}/typing/${encodeURIComponent(this.userId)}`;
    return this.call('PUT', path, { typing: true, timeout: 30_000 });
  }

  async seesTyping(roomId: string, userId: string): Promise<void> {
    await waitFor(`typing of ${userId}`, async () => {
      const typing = (await this.#ephemeral(roomId)).find(({ type }) => type === 'm.typing');
      return Array.isArray(typing?.content.user_ids) && typing.content.user_ids.includes(userId);
    });
  }

  async seesReceipt(roomId: string, eventId: string, userId: string): Promise<void> {
    await waitFor(`a receipt of ${userId}`, async () =>
      (await this.#ephemeral(roomId)).some(({ type, content }) => {
        const receipts = content[eventId] as { 'm.read'?: Record<string, unknown> } | undefined;
        return type === 'm.receipt' && receipts?.['m.read']?.[userId] !== undefined;
      }),
    );
  }

  async #ephemeral(roomId: string): Promise<Pick<ClientEvent, 'type' | 'content'>[]> {
    const { rooms } = await this.call<{
      rooms?: { join?: Record<string, { ephemeral?: { events: Pick<ClientEvent, 'type' | 'content'>[] } }> };
    }>('GET', 'v3/sync?timeout=0');
    return rooms?.join?.[roomId]?.ephemeral?.events ?? [];
  }

  async sees(roomId: string, userId: string, membership: string): Promise<void> {
    await waitFor(`${membership} of ${userId} at ${this.userId}`, async () => {
      return (await this.membership(roomId, userId).catch(() => undefined)) === membership;
    });
  }
}
