import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, expect, test, vi } from 'vitest';
import type { DeviceId } from '../../../../../matrix/identifiers.ts';
import { Sqlite } from '../../../../../platform/sqlite.ts';
import { makeTables } from '../../../../../test/harness/homeserver-worker.ts';
import { untilTold } from '../../../../../test/harness/news-told.ts';
import { makeDeviceKeys, makeKeyPair } from '../../../../../test/harness/signing-keys.ts';
import type { Env } from '../../../env.ts';
import { makeStubs } from '../../../objects/stubs.ts';
import { seededRandom } from '../../../objects/user-sync/testing/seeded-random.ts';
import { TestClient } from '../../../objects/user-sync/testing/test-client.ts';
import { newestPosition } from '../../../storage/room/events.ts';
import { findRoom } from '../../../storage/user-sync/rooms.ts';

const testEnv = env as unknown as Env;
const namespaces = env as unknown as Record<'ROOMS' | 'USERS' | 'USER_KEYS', DurableObjectNamespace>;
const stubs = makeStubs(testEnv);
const v3 = '/_matrix/client/v3';

type News = { changed: string[]; left: string[] };

/** Who has to be told what, as the specification words it. */
class Model {
  readonly members = new Map<string, Set<string>>();
  readonly encrypted = new Set<string>();
  /** Pairs that were in a room without encryption. */
  readonly #met = new Set<string>();
  /** By client, what it was not told yet of whom. */
  readonly #news = new Map<string, Map<string, keyof News>>();

  membersOf(roomId: string): Set<string> {
    const members = this.members.get(roomId) ?? new Set();
    this.members.set(roomId, members);
    return members;
  }

  #share(one: string, other: string, rooms: Iterable<string>): boolean {
    return [...rooms].some((roomId) => this.membersOf(roomId).has(one) && this.membersOf(roomId).has(other));
  }

  #tell(viewer: string, of: string, what: keyof News): void {
    const news = this.#news.get(viewer) ?? new Map<string, keyof News>();
    this.#news.set(viewer, news.set(of, what));
  }

  /** Does it, and notes between whom that begins or ends the sharing of an encrypted room. */
  #sharing(users: readonly string[], change: () => void): void {
    const pairs = users.flatMap((one) => users.filter((other) => other !== one).map((other) => [one, other]));
    const before = pairs.map(([one = '', other = '']) => this.#share(one, other, this.encrypted));
    change();
    for (const [index, [one = '', other = '']] of pairs.entries()) {
      const now = this.#share(one, other, this.encrypted);
      if (now !== before[index]) this.#tell(one, other, now ? 'changed' : 'left');
    }
  }

  join(user: string, roomId: string): void {
    if (!this.encrypted.has(roomId)) {
      for (const other of this.membersOf(roomId)) this.#met.add(`${user} ${other}`).add(`${other} ${user}`);
    }
    this.#sharing([user, ...this.membersOf(roomId)], () => void this.membersOf(roomId).add(user));
  }

  leave(user: string, roomId: string): void {
    this.#sharing([...this.membersOf(roomId)], () => void this.membersOf(roomId).delete(user));
  }

  encrypt(roomId: string): void {
    this.#sharing([...this.membersOf(roomId)], () => void this.encrypted.add(roomId));
  }

  changeDevices(user: string, users: readonly string[]): void {
    for (const viewer of users) {
      if (viewer === user || this.#share(viewer, user, this.members.keys()))
        this.#tell(viewer, user, 'changed');
    }
  }

  /** Of people who were met in rooms without encryption, and in no other, it does not matter what is told. */
  matters(viewer: string, user: string): boolean {
    return this.#share(viewer, user, this.encrypted) || !this.#met.has(`${viewer} ${user}`);
  }

  takeNews(viewer: string): News {
    const news = [...(this.#news.get(viewer) ?? [])];
    this.#news.delete(viewer);
    const of = (what: keyof News) => news.flatMap(([user, told]) => (told === what ? [user] : [])).sort();
    return { changed: of('changed'), left: of('left') };
  }
}

/** A person with one client that syncs in the older way and one that syncs in the newer. */
class Person {
  readonly client: TestClient;
  #since = '';
  #pos = '';
  #toDevice = '';
  #names = 0;
  #spare = 0;

  constructor(client: TestClient) {
    this.client = client;
  }

  async legacyNews(): Promise<News> {
    const since = this.#since;
    const answer = await this.client.sync(since === '' ? {} : { since });
    this.#since = answer.next_batch;
    const news = sorted(answer.device_lists);
    if (since !== '') {
      const query = new URLSearchParams({ from: since, to: this.#since });
      const response = await this.client.call('GET', `${v3}/keys/changes?${query}`);
      expect(sorted(await response.json())).toEqual(news);
    }
    return news;
  }

  async slidingNews(): Promise<News> {
    const extensions = {
      e2ee: { enabled: true },
      to_device: { enabled: true, since: this.#toDevice || undefined },
    };
    const answer = await this.client.sliding(
      { conn_id: 'crypto', extensions },
      this.#pos ? { pos: this.#pos } : {},
    );
    this.#pos = answer.pos;
    this.#toDevice = answer.extensions.to_device?.next_batch ?? this.#toDevice;
    return sorted(answer.extensions.e2ee?.device_lists);
  }

  /** A device is renamed, added or removed. */
  async changeDevices(kind: number): Promise<void> {
    const { userId, deviceId } = this.client;
    const keys = stubs.userKeys(userId);
    if (kind === 0) {
      this.#names += 1;
      await ok(this.client, 'PUT', `/devices/${deviceId}`, { display_name: `name ${this.#names}` });
    } else if (kind === 1 || this.#spare === 0) {
      this.#spare += 1;
      const spare = `SPARE${this.#spare}` as DeviceId;
      await keys.upload(spare, { deviceKeys: makeDeviceKeys(userId, spare, makeKeyPair()) });
    } else {
      await keys.deleteDevices([`SPARE${this.#spare}` as DeviceId]);
      this.#spare -= 1;
    }
    await untilTold(userId);
  }
}

function sorted(lists: Partial<News> | undefined): News {
  return { changed: [...(lists?.changed ?? [])].sort(), left: [...(lists?.left ?? [])].sort() };
}

async function ok(client: TestClient, method: string, path: string, body: object = {}) {
  const response = await client.call(method, v3 + path, body);
  const answer = (await response.json()) as Record<string, string>;
  expect([response.status, answer]).toEqual([200, expect.anything()]);
  return answer;
}

function withSqlite<T>(namespace: 'ROOMS' | 'USERS', name: string, read: (sqlite: Sqlite) => T): Promise<T> {
  return runInDurableObject(namespaces[namespace].getByName(name), (_, state) =>
    read(new Sqlite(state.storage)),
  );
}

/** Waits until everyone concerned has been told by the room. */
async function untilFollowed(roomId: string, members: Iterable<string>, gone?: string): Promise<void> {
  const newest = await withSqlite('ROOMS', roomId, newestPosition);
  const until = (userId: string, holds: (room: ReturnType<typeof findRoom>) => boolean) =>
    vi.waitUntil(() => withSqlite('USERS', userId, (sqlite) => holds(findRoom(sqlite, roomId as never))), {
      timeout: 20_000,
      interval: 5,
    });
  for (const userId of members) {
    await until(userId, (room) => room?.membership === 'join' && room.roomPosition >= newest);
  }
  if (gone !== undefined) await until(gone, (room) => room?.membership === 'leave');
}

beforeAll(makeTables);

const fresh = Math.floor(Math.random() * 1_000_000);

test.each([1, 2, 3, fresh])(
  'clients are told of the devices that a model says, and no others, seed %i',
  async (seed) => {
    const random = seededRandom(seed);
    const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
    const people: Person[] = [];
    for (let index = 0; index < 5; index += 1) {
      const client = await TestClient.login(`lists-${seed}-${index}`);
      const insert = testEnv.DB.prepare('INSERT INTO accounts (user_id, created_ms) VALUES (?, 0)');
      await insert.bind(client.userId).run();
      await stubs.userKeys(client.userId).upload(client.deviceId, {
        deviceKeys: makeDeviceKeys(client.userId, client.deviceId, makeKeyPair()),
      });
      await untilTold(client.userId);
      people.push(new Person(client));
    }
    const users = people.map(({ client }) => client.userId);
    const model = new Model();
    const rooms: string[] = [];
    const owner = new Map<string, Person>();
    for (let index = 0; index < 4; index += 1) {
      const creator = people[index] as Person;
      const encryption = {
        type: 'm.room.encryption',
        state_key: '',
        content: { algorithm: 'm.megolm.v1.aes-sha2' },
      };
      const isEncrypted = index < 2;
      const { room_id: roomId = '' } = await ok(creator.client, 'POST', '/createRoom', {
        preset: 'public_chat',
        initial_state: isEncrypted ? [encryption] : [],
      });
      rooms.push(roomId);
      owner.set(roomId, creator);
      if (isEncrypted) model.encrypted.add(roomId);
      model.join(creator.client.userId, roomId);
      await untilFollowed(roomId, model.membersOf(roomId));
    }
    for (const person of people) {
      await person.legacyNews();
      await person.slidingNews();
      model.takeNews(person.client.userId);
    }

    const changeMembership = async (): Promise<string> => {
      const roomId = pick(rooms);
      const path = `/rooms/${encodeURIComponent(roomId)}`;
      const creator = owner.get(roomId) as Person;
      const person = pick(people.filter((one) => one !== creator));
      const { userId } = person.client;
      if (!model.membersOf(roomId).has(userId)) {
        await ok(person.client, 'POST', `${path}/join`);
        model.join(userId, roomId);
        await untilFollowed(roomId, model.membersOf(roomId));
        return `${userId} joins ${roomId}`;
      }
      const how = pick(['leave', 'kick']);
      if (how === 'leave') await ok(person.client, 'POST', `${path}/leave`);
      else await ok(creator.client, 'POST', `${path}/kick`, { user_id: userId });
      model.leave(userId, roomId);
      await untilFollowed(roomId, model.membersOf(roomId), userId);
      return `${userId} ${how} ${roomId}`;
    };
    const encrypt = async (): Promise<string> => {
      const roomId = rooms.find((one) => !model.encrypted.has(one)) ?? '';
      const path = `/rooms/${encodeURIComponent(roomId)}/state/m.room.encryption`;
      const { client } = owner.get(roomId) as Person;
      await ok(client, 'PUT', path, { algorithm: 'm.megolm.v1.aes-sha2' });
      model.encrypt(roomId);
      await untilFollowed(roomId, model.membersOf(roomId));
      return `${roomId} is encrypted`;
    };
    const changeDevices = async (): Promise<string> => {
      const person = pick(people);
      await person.changeDevices(random(3));
      model.changeDevices(person.client.userId, users);
      return `${person.client.userId} changes devices`;
    };
    const restart = async (): Promise<string> => {
      const ended = [
        namespaces.USERS.getByName(pick(users)),
        namespaces.USER_KEYS.getByName(pick(users)),
        namespaces.ROOMS.getByName(pick(rooms)),
      ];
      for (const object of ended) {
        // Only what runs can be ended.
        await runInDurableObject(object, () => undefined);
        await evictDurableObject(object);
      }
      return 'restarts';
    };

    const story: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      for (let step = 0; step <= random(6); step += 1) {
        const dice = random(10);
        const mayEncrypt = model.encrypted.size < rooms.length && round > 5 && dice === 0;
        if (mayEncrypt) story.push(await encrypt());
        else if (dice < 6) story.push(await changeMembership());
        else if (dice < 9) story.push(await changeDevices());
        else story.push(await restart());
      }
      // Who syncs seldom is told all that came together.
      for (const person of people.filter(() => random(3) > 0)) {
        const { userId } = person.client;
        const whatMatters = ({ changed, left }: News): News => ({
          changed: changed.filter((user) => model.matters(userId, user)),
          left: left.filter((user) => model.matters(userId, user)),
        });
        const expected = whatMatters(model.takeNews(userId));
        const context = `seed ${seed}, ${userId} after\n${story.join('\n')}`;
        expect(whatMatters(await person.legacyNews()), context).toEqual(expected);
        expect(whatMatters(await person.slidingNews()), context).toEqual(expected);
      }
    }
  },
);
