import { register } from '../../test/harness/matrix-client.ts';
import { waitFor } from '../../test/harness/wait-for.ts';

interface ClientEvent {
  event_id: string;
  type: string;
  state_key?: string;
  sender: string;
  content: Record<string, unknown>;
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

  /** Ids of the events that hold now, in order. */
  async state(roomId: string): Promise<string[]> {
    const events = await this.call<ClientEvent[]>('GET', `v3/rooms/${encodeURIComponent(roomId)}/state`);
    return events.map(({ event_id: eventId }) => eventId).sort();
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
