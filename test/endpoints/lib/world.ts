import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeAdministrator } from '../../attacks/lib/administrator.ts';
import { ask, Person, p } from '../../attacks/lib/attacker.ts';
import { freePort, Roost } from '../../harness/roost.ts';

const serverName = 'roost.test';
export const password = 'a long password';

/** Application services by what they are tried for. */
const services = {
  good: { url: true, protocols: ['irc'] },
  broken: { url: true },
  absent: { url: true },
  silent: { url: false },
} as const;

/** What all cases share: a server, and people with rooms. */
export class World {
  readonly roost: Roost;
  readonly serverName = serverName;
  /** Has made everything that is there. */
  readonly olive: Person;
  /** Is in none of it. */
  readonly mallory: Person;
  readonly administrator: Person;
  /** A public room of Olive's, with one message, which starts a thread and has a reaction. */
  readonly roomId: string;
  readonly eventId: string;
  readonly privateRoomId: string;
  readonly alias = `#square:${serverName}`;
  /** A page of which previews are made. */
  readonly pageUrl: string;
  readonly #stop: () => Promise<void>;
  #count = 0;
  #hermit: Promise<Person> | undefined;

  private constructor(
    roost: Roost,
    people: Pick<World, 'olive' | 'mallory' | 'administrator'>,
    rooms: Pick<World, 'roomId' | 'eventId' | 'privateRoomId' | 'pageUrl'>,
    stop: () => Promise<void>,
  ) {
    this.roost = roost;
    this.olive = people.olive;
    this.mallory = people.mallory;
    this.administrator = people.administrator;
    this.roomId = rooms.roomId;
    this.eventId = rooms.eventId;
    this.privateRoomId = rooms.privateRoomId;
    this.pageUrl = rooms.pageUrl;
    this.#stop = stop;
  }

  static async start(): Promise<World> {
    const service = await startService();
    const folder = mkdtempSync(path.join(tmpdir(), 'roost-endpoints-'));
    const closed = await freePort();
    for (const [id, { url, ...more }] of Object.entries(services)) {
      const address = id === 'absent' ? `http://127.0.0.1:${closed}` : `${service.url}/${id}`;
      writeFileSync(path.join(folder, `${id}.yaml`), JSON.stringify(registration(id, url && address, more)));
    }
    const roost = await Roost.start({
      serverName,
      appserviceDir: folder,
      env: {
        PRESENCE: 'on',
        MEDIA_QUOTA_MB: '1',
        URL_PREVIEWS: 'on',
        URL_PREVIEW_HOSTS: '["127.0.0.1"]',
        PUSH_GATEWAY_HOSTS: '["127.0.0.1"]',
        TURN_URIS: '["turn:turn.test"]',
        TURN_SECRET: 'test-turn-secret',
        SUPPORT: '{"contacts":[{"matrix_id":"@olive:roost.test","role":"m.role.admin"}]}',
        RTC_TRANSPORTS: '[{"type":"livekit","livekit_service_url":"https://rtc.test"}]',
      },
    });
    const stop = async () => {
      await roost.stopAndRemove();
      service.server.close();
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      return await World.#settle(roost, `${service.url}/page.html`, stop);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  static async #settle(roost: Roost, pageUrl: string, stop: () => Promise<void>): Promise<World> {
    const { url } = roost;
    const olive = await Person.register(url, 'olive');
    const mallory = await Person.register(url, 'mallory');
    const administrator = await makeAdministrator(url, 'administrator');
    const roomId = await olive.createRoom({ preset: 'public_chat', room_alias_name: 'square' });
    const eventId = await olive.send(roomId, 'm.room.message', { msgtype: 'm.text', body: 'dawn' }, 'dawn');
    const relate = (type: string, content: object) => olive.send(roomId, type, content, type);
    await relate('m.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key: '!' } });
    await relate('m.room.message', {
      msgtype: 'm.text',
      body: 'reply',
      'm.relates_to': { rel_type: 'm.thread', event_id: eventId },
    });
    const privateRoomId = await olive.createRoom();
    return new World(
      roost,
      { olive, mallory, administrator },
      { roomId, eventId, privateRoomId, pageUrl },
      stop,
    );
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  get url(): string {
    return this.roost.url;
  }

  /** A name that nobody has had yet. */
  name(what = 'name'): string {
    this.#count += 1;
    return `${what}-${this.#count}`;
  }

  /** Somebody new. */
  person(): Promise<Person> {
    return Person.register(this.url, this.name('person'));
  }

  /** What proves that somebody is who they are. */
  proof({ userId }: Person): object {
    return { type: 'm.login.password', identifier: { type: 'm.id.user', user: userId }, password };
  }

  asToken(id: keyof typeof services): string {
    return `${id}-as-token`;
  }

  /** A message in Olive's public room. */
  message(content: object = { msgtype: 'm.text', body: 'hello' }): Promise<string> {
    return this.olive.send(this.roomId, 'm.room.message', content, this.name('txn'));
  }

  /** A ghost of the good service. @returns the user id */
  async ghost(): Promise<string> {
    const username = `good_${this.name('ghost')}`;
    const body = { type: 'm.login.application_service', username, inhibit_login: true };
    await ask(this.url, 'POST', '/_matrix/client/v3/register', { token: this.asToken('good'), body });
    return `@${username}:${serverName}`;
  }

  /** A file of Olive's. @returns its media id */
  async upload(
    bytes: string | Uint8Array<ArrayBuffer> = 'hello',
    contentType = 'text/plain',
  ): Promise<string> {
    const { body } = await ask(this.url, 'POST', '/_matrix/media/v3/upload', {
      token: this.olive.accessToken,
      raw: bytes,
      headers: { 'content-type': contentType },
    });
    return String(body.content_uri).split('/').at(-1) ?? '';
  }

  /** An id that waits for its file. */
  async pendingMedia(by: Person = this.olive): Promise<string> {
    const { body } = await ask(this.url, 'POST', '/_matrix/media/v1/create', { token: by.accessToken });
    return String(body.content_uri).split('/').at(-1) ?? '';
  }

  /** Somebody who lets nobody invite them. */
  hermit(): Promise<Person> {
    this.#hermit ??= this.#makeHermit();
    return this.#hermit;
  }

  async #makeHermit(): Promise<Person> {
    const hermit = await this.person();
    const rules = { block_all: true, default_action: 'block' };
    for (const type of ['org.matrix.msc4155.invite_permission_config', 'm.invite_permission_config']) {
      await hermit.ok('PUT', p`/v3/user/${hermit.userId}/account_data/${type}`, rules);
    }
    return hermit;
  }
}

function registration(id: string, url: string | false, more: object) {
  return {
    id,
    url: url || null,
    as_token: `${id}-as-token`,
    hs_token: `${id}-hs-token`,
    sender_localpart: `${id}bot`,
    rate_limited: false,
    namespaces: {
      users: [{ regex: `@${id}_.*:roost\\.test`, exclusive: true }],
      aliases: [{ regex: `#${id}_.*:roost\\.test`, exclusive: true }],
      rooms: [],
    },
    ...more,
  };
}

/** One HTTP server for all services, which knows one network; what the broken one is asked fails. */
async function startService(): Promise<{ server: Server; url: string }> {
  const fields = { network: 'home', channel: 'x', nickname: 'x' };
  const answers: Record<string, unknown> = {
    '/good/_matrix/app/v1/thirdparty/protocol/irc': {
      user_fields: ['nickname'],
      location_fields: ['channel'],
      icon: 'mxc://roost.test/icon',
      field_types: {
        nickname: { regexp: '.*', placeholder: 'x' },
        channel: { regexp: '.*', placeholder: 'x' },
      },
      instances: [{ desc: 'Home', network_id: 'home', fields: {} }],
    },
    '/good/_matrix/app/v1/thirdparty/location/irc?channel=x': [
      { alias: '#good_x:roost.test', protocol: 'irc', fields },
    ],
    '/good/_matrix/app/v1/thirdparty/location?alias=%23good_x%3Aroost.test': [
      { alias: '#good_x:roost.test', protocol: 'irc', fields },
    ],
    '/good/_matrix/app/v1/thirdparty/user/irc?nickname=x': [
      { userid: '@good_x:roost.test', protocol: 'irc', fields },
    ],
    '/good/_matrix/app/v1/thirdparty/user?userid=%40good_x%3Aroost.test': [
      { userid: '@good_x:roost.test', protocol: 'irc', fields },
    ],
    '/good/_matrix/app/v1/ping': {},
    '/page.html': '<title>A page</title>',
  };
  const server = createServer((request, response) => {
    const address = request.url ?? '';
    const answer = answers[address];
    const isTransaction = address.startsWith('/good/_matrix/app/v1/transactions/');
    response.statusCode =
      answer !== undefined || isTransaction ? 200 : address.startsWith('/broken') ? 500 : 404;
    response.setHeader('content-type', typeof answer === 'string' ? 'text/html' : 'application/json');
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { server, url: `http://127.0.0.1:${port}` };
}
