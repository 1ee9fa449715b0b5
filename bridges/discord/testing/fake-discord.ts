import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { snowflakeAt } from '../snowflake.ts';
import type { FakeGateway } from './fake-gateway.ts';

export const applicationId = '100000000000000001';
export const guildId = '200000000000000001';
export const channelId = '300000000000000001';
export const dora = { id: '400000000000000001', username: 'dora', global_name: 'Dora Diver', avatar: null };

export interface FakeMessage extends JsonObject {
  id: string;
  channel_id: string;
  content: string;
}

type Intervention = (operation: string, body: JsonObject) => Response | Promise<Response> | 'cut' | undefined;

/** The REST API over one guild with one channel, with a door for failures. */
export class FakeDiscord {
  readonly messages: FakeMessage[] = [];
  readonly calls: { operation: string; body: JsonObject; authorization: string | null }[] = [];
  webhook?: { id: string; token: string; application_id: string };
  /** Instead of what an operation does. */
  before: Intervention = () => undefined;
  /** Instead of the answer, after it was done. */
  after: Intervention = () => undefined;
  gateway: FakeGateway | undefined;
  /** With the Message Content Intent on. */
  application: JsonObject = { id: applicationId, verify_key: 'ab'.repeat(32), flags: 1 << 19 };
  #count = 0;

  async fetch(url: string, init: RequestInit): Promise<Response> {
    const { pathname, searchParams, hostname } = new URL(url);
    const headers = new Headers(init.headers);
    if (headers.get('upgrade') === 'websocket') {
      return this.before(`socket ${hostname}`, {}) === 'cut' || !this.gateway
        ? Promise.reject(new Error('no socket'))
        : this.gateway.open();
    }
    const operation = `${init.method} ${pathname.replace('/api/v10', '')}`;
    const parsed: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : {};
    const body = isJsonObject(parsed) ? parsed : {};
    this.calls.push({ operation, body, authorization: headers.get('authorization') });
    const instead = this.before(operation, body);
    if (instead) return intervene(instead);
    const reply = this.#run(init.method ?? 'GET', pathname.split('/').slice(3), body, searchParams);
    return intervene(this.after(operation, body) ?? reply);
  }

  callsTo(pattern: RegExp) {
    return this.calls.filter(({ operation }) => pattern.test(operation));
  }

  /** Ids grow, as snowflakes of now. */
  nextId(): string {
    return (BigInt(snowflakeAt(Date.now())) + BigInt(++this.#count)).toString();
  }

  post(content: string, more: JsonObject = {}): FakeMessage {
    const message = {
      id: this.nextId(),
      channel_id: channelId,
      type: 0,
      content,
      author: dora,
      timestamp: new Date().toISOString(),
      edited_timestamp: null,
      attachments: [],
      embeds: [],
      mentions: [],
      ...more,
    };
    this.messages.push(message);
    return message;
  }

  #run(method: string, path: string[], body: JsonObject, query: URLSearchParams): Response {
    const [area, id = '', sub, subId = ''] = path;
    switch (area) {
      case 'gateway':
        return Response.json({ url: 'wss://gateway.discord.test' });
      case 'users':
        return Response.json(id === '@me' ? { id: applicationId, username: 'Roost', bot: true } : dora);
      case 'applications':
        if (method === 'PATCH') this.application = { ...this.application, ...body };
        return Response.json(id === '@me' ? this.application : []);
      case 'guilds':
        return Response.json(sub === 'roles' ? [] : { id: guildId, name: 'Garden', icon: null });
      case 'webhooks':
        return this.#webhook(method, id, sub ?? '', path[4], body);
      case 'channels':
        if (id !== channelId) return refusal(404, 10003);
        if (sub === undefined) return Response.json(channel());
        if (sub === 'webhooks') return this.#webhooks(method);
        if (sub === 'messages') return this.#messages(method, subId, body, query);
        return new Response(null, { status: 204 });
      default:
        return refusal(404, 0);
    }
  }

  #webhooks(method: string): Response {
    if (method === 'GET') return Response.json(this.webhook ? [this.webhook] : []);
    this.webhook = { id: this.nextId(), token: `hook-token-${this.#count}`, application_id: applicationId };
    return Response.json(this.webhook);
  }

  #webhook(
    method: string,
    id: string,
    token: string,
    messageId: string | undefined,
    body: JsonObject,
  ): Response {
    if (!this.webhook || id !== this.webhook.id) return refusal(404, 10015);
    if (token !== this.webhook.token) return refusal(401, 50027);
    if (method === 'POST') {
      const author = { id, username: String(body.username), bot: true };
      const ours = { webhook_id: id, application_id: applicationId, author };
      return Response.json(this.post(String(body.content), ours));
    }
    return this.#change(method, messageId ?? '', body);
  }

  #messages(method: string, id: string, body: JsonObject, query: URLSearchParams): Response {
    if (id !== '') return this.#change(method, id, body);
    if (method === 'POST') {
      const author = { id: applicationId, username: 'Roost', bot: true };
      return Response.json(this.post(String(body.content), { author, nonce: body.nonce }));
    }
    const after = BigInt(query.get('after') ?? 0);
    const limit = Number(query.get('limit') ?? 50);
    const found = this.messages.filter((message) => BigInt(message.id) > after);
    return Response.json((query.has('after') ? found.slice(0, limit) : found.slice(-limit)).reverse());
  }

  #change(method: string, id: string, body: JsonObject): Response {
    const at = this.messages.findIndex((message) => message.id === id);
    const message = this.messages[at];
    if (!message) return refusal(404, 10008);
    if (method === 'PATCH') Object.assign(message, body);
    if (method === 'DELETE') this.messages.splice(at, 1);
    return method === 'DELETE' ? new Response(null, { status: 204 }) : Response.json(message);
  }
}

export function channel(more: JsonObject = {}): JsonObject {
  return { id: channelId, type: 0, guild_id: guildId, name: 'lobby', position: 0, parent_id: null, ...more };
}

/** As it comes after READY, with all that the bot may. */
export function guildCreate(more: JsonObject = {}): { t: string; d: JsonObject } {
  const d = {
    id: guildId,
    name: 'Garden',
    icon: null,
    roles: [{ id: guildId, name: '@everyone', permissions: '1024' }],
    members: [{ user: { id: applicationId }, roles: [] }],
    channels: [channel(more)],
    threads: [],
  };
  return { t: 'GUILD_CREATE', d };
}

export function refusal(status: number, code: number): Response {
  return Response.json({ code, message: 'refused' }, { status });
}

function intervene(what: Response | Promise<Response> | 'cut'): Promise<Response> {
  return what === 'cut' ? Promise.reject(new DOMException('cut', 'TimeoutError')) : Promise.resolve(what);
}
