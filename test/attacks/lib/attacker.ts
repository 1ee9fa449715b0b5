import { type Credentials, logIn, register } from '../../harness/matrix-client.ts';

export interface Answer {
  status: number;
  text: string;
  /** The parsed JSON; empty where the answer is none. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into
  body: any;
  headers: Headers;
}

export interface Asked {
  token?: string | undefined;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: BodyInit;
  headers?: Record<string, string>;
}

/** Any request, however wrong, with its answer, whatever it is. */
export async function ask(
  url: string,
  method: string,
  path: string,
  { token, body, raw, headers }: Asked = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    ...(raw !== undefined ? { body: raw } : body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return {
    status: response.status,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : {},
    headers: response.headers,
  };
}

/** A path with its variables escaped: `` p`/v3/rooms/${roomId}/state` ``. */
export function p(strings: TemplateStringsArray, ...values: (string | number)[]): string {
  return strings
    .map((part, i) => part + (i < values.length ? encodeURIComponent(String(values[i])) : ''))
    .join('');
}

/** A device of somebody's. Paths begin with the version. */
export class Person {
  readonly url: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly accessToken: string;

  constructor(url: string, { userId, deviceId, accessToken }: Credentials) {
    this.url = url;
    this.userId = userId;
    this.deviceId = deviceId;
    this.accessToken = accessToken;
  }

  static async register(url: string, username: string): Promise<Person> {
    return new Person(url, await register(url, username));
  }

  /** Another device of the same person. */
  async logIn(): Promise<Person> {
    return new Person(this.url, await logIn(this.url, this.userId));
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return ask(this.url, method, `/_matrix/client${path}`, { token: this.accessToken, body });
  }

  /** @throws Error with the answer if it is not 200 */
  // biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into
  async ok(method: string, path: string, body?: unknown): Promise<any> {
    const answer = await this.call(method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  async createRoom(body: object = {}): Promise<string> {
    return (await this.ok('POST', '/v3/createRoom', body)).room_id;
  }

  async send(roomId: string, type: string, content: object, txnId: string): Promise<string> {
    return (await this.ok('PUT', p`/v3/rooms/${roomId}/send/${type}/${txnId}`, content)).event_id;
  }

  async setState(roomId: string, type: string, content: object): Promise<string> {
    return (await this.ok('PUT', p`/v3/rooms/${roomId}/state/${type}/`, content)).event_id;
  }
}

/** Works off what there is to do, some at a time: many requests, but no flood. */
export async function inParallel<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
  width = 12,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
