import { compareTs } from '../slack-ids.ts';

interface FakeMessage {
  ts: string;
  user: string;
  text: string;
  thread_ts?: string;
  blocks?: unknown[];
  metadata?: unknown;
  app_id?: string;
  edited?: { user: string; ts: string };
  reactions?: { name: string; users: string[] }[];
  reply_count?: number;
  latest_reply?: string;
}

type Reply = Record<string, unknown> & { ok: boolean };
type Intervention = (
  method: string,
  args: Record<string, string>,
) => Response | Promise<Response> | 'cut' | undefined;

/** The methods of the Web API that the bridge needs, over one channel, with a door for failures. */
export class FakeSlack {
  readonly messages: FakeMessage[] = [];
  readonly calls: { method: string; args: Record<string, string> }[] = [];
  readonly reactions: string[] = [];
  /** Instead of what a method does. */
  before: Intervention = () => undefined;
  /** Instead of the answer, after it was done. */
  after: Intervention = () => undefined;
  #count = 0;

  async fetch(url: string, init: RequestInit): Promise<Response> {
    const method = new URL(url).pathname.replace('/api/', '');
    const args = Object.fromEntries(new URLSearchParams(String(init.body)));
    this.calls.push({ method, args });
    const instead = this.before(method, args);
    if (instead) return intervene(instead);
    const reply = this.#run(method, args);
    return intervene(this.after(method, args) ?? Response.json(reply));
  }

  callsTo(method: string): Record<string, string>[] {
    return this.calls.filter((call) => call.method === method).map((call) => call.args);
  }

  post(message: Omit<FakeMessage, 'ts'>): FakeMessage {
    const seconds = Math.floor(Date.now() / 1000);
    const stored = { ...message, ts: `${seconds}.${String(++this.#count).padStart(6, '0')}` };
    this.messages.push(stored);
    return stored;
  }

  #run(method: string, args: Record<string, string>): Reply {
    const found = this.messages.find((message) => message.ts === (args.ts ?? args.timestamp));
    switch (method) {
      case 'auth.test':
        return {
          ok: true,
          url: 'https://acme.slack.com/',
          team: 'Acme',
          user: 'olive',
          team_id: 'T1',
          user_id: 'U1',
        };
      case 'team.info':
        return { ok: true, team: { id: 'T1', name: 'Acme' } };
      case 'users.info':
        return { ok: true, user: { name: args.user, profile: { real_name: `Name ${args.user}` } } };
      case 'users.conversations':
        return { ok: true, channels: [{ id: 'C1' }] };
      case 'conversations.info':
        return { ok: true, channel: { id: args.channel, name: 'general' } };
      case 'conversations.history':
        return { ok: true, messages: this.#listed(args).filter((message) => !message.thread_ts) };
      case 'conversations.replies':
        return { ok: true, messages: this.#listed(args) };
      case 'chat.postMessage': {
        const { text = '', thread_ts: threadTs, blocks, metadata } = args;
        const message = this.post({
          user: 'U1',
          text,
          app_id: 'A1',
          ...(threadTs ? { thread_ts: threadTs } : {}),
          ...(blocks ? { blocks: JSON.parse(blocks) } : {}),
          ...(metadata ? { metadata: JSON.parse(metadata) } : {}),
        });
        return { ok: true, ts: message.ts, message };
      }
      case 'chat.update': {
        if (!found) return { ok: false, error: 'message_not_found' };
        Object.assign(found, { text: args.text, blocks: JSON.parse(args.blocks ?? '[]') });
        return { ok: true, ts: found.ts, message: found };
      }
      case 'chat.delete':
        if (!found) return { ok: false, error: 'message_not_found' };
        this.messages.splice(this.messages.indexOf(found), 1);
        return { ok: true };
      case 'reactions.add':
        if (this.reactions.includes(`${args.timestamp} ${args.name}`))
          return { ok: false, error: 'already_reacted' };
        this.reactions.push(`${args.timestamp} ${args.name}`);
        return { ok: true };
      case 'reactions.remove':
        this.reactions.splice(this.reactions.indexOf(`${args.timestamp} ${args.name}`), 1);
        return { ok: true };
      default:
        return { ok: false, error: 'unknown_method' };
    }
  }

  #listed({ oldest = '0', latest, inclusive, limit }: Record<string, string>): FakeMessage[] {
    const isWithin = (ts: string) =>
      (compareTs(ts, oldest) > 0 || (inclusive === 'true' && ts === oldest)) &&
      (latest === undefined || compareTs(ts, latest) < 0 || (inclusive === 'true' && ts === latest));
    return this.messages
      .filter((message) => isWithin(message.ts))
      .sort((a, b) => compareTs(b.ts, a.ts))
      .slice(0, Number(limit ?? 100));
  }
}

function intervene(instead: Response | Promise<Response> | 'cut'): Response | Promise<Response> {
  if (instead === 'cut') throw new TypeError('Network connection lost.');
  return instead;
}
