import { beforeAll, describe, expect, test } from 'vitest';
import { homeserver } from '../../config/workers.ts';
import { readConfig } from '../../homeserver/src/config.ts';
import type { Env } from '../../homeserver/src/env.ts';
import { ask, Person, p } from './lib/attacker.ts';
import { target } from './lib/target.ts';

const { url } = target;

/** R2: what a member without power may not do, whatever the request looks like. */
describe.each(['10', '11', '12'])('R2: in a room of version %s', (room_version) => {
  let olive: Person;
  let mallory: Person;
  let roomId: string;
  const power = {
    users_default: 0,
    events_default: 0,
    state_default: 50,
    ban: 50,
    kick: 50,
    redact: 50,
    invite: 50,
  };

  beforeAll(async () => {
    olive = await Person.register(url, `r2-olive-${room_version}`);
    mallory = await Person.register(url, `r2-mallory-${room_version}`);
    roomId = await olive.createRoom({ preset: 'public_chat', room_version });
    await mallory.ok('POST', p`/v3/join/${roomId}`, {});
  });

  test('a member without power changes nothing by state, by power or by what members are', async () => {
    const before = await olive.ok('GET', p`/v3/rooms/${roomId}/state`);
    const state = (type: string, stateKey: string, content: object) =>
      mallory.call('PUT', p`/v3/rooms/${roomId}/state/${type}/${stateKey}`, content);
    const answers = [
      await state('m.room.create', '', { creator: mallory.userId, room_version }),
      await state('m.room.power_levels', '', { ...power, users: { [mallory.userId]: 100 } }),
      await state('m.room.join_rules', '', { join_rule: 'invite' }),
      await state('m.room.history_visibility', '', { history_visibility: 'world_readable' }),
      await state('m.room.server_acl', '', { deny: ['*'] }),
      await state('m.room.tombstone', '', { replacement_room: '!evil:evil.test' }),
      await state('m.room.member', olive.userId, { membership: 'ban' }),
      await state('m.room.member', olive.userId, { membership: 'leave' }),
      await state('m.room.member', olive.userId, { membership: 'join', displayname: 'Fool' }),
      await state('org.example.owned', olive.userId, {}),
      await mallory.call('POST', p`/v3/rooms/${roomId}/ban`, { user_id: olive.userId }),
      await mallory.call('POST', p`/v3/rooms/${roomId}/kick`, { user_id: olive.userId }),
      await mallory.call('POST', p`/v3/rooms/${roomId}/upgrade`, { new_version: room_version }),
      await mallory.call('PUT', p`/v3/directory/list/room/${roomId}`, { visibility: 'public' }),
      // The type of a state event without a state key, and the other way round.
      await mallory.call('PUT', p`/v3/rooms/${roomId}/send/m.room.create/1`, {}),
    ];
    expect(answers.filter(({ status }) => status < 400).map(({ text }) => text)).toEqual([]);
    expect(await olive.ok('GET', p`/v3/rooms/${roomId}/state`)).toHaveLength(before.length);
    const levels = await olive.ok('GET', p`/v3/rooms/${roomId}/state/m.room.power_levels/`);
    expect(levels.users?.[mallory.userId]).toBeUndefined();
  });

  test('what others said stays', async () => {
    const eventId = await olive.send(roomId, 'm.room.message', { msgtype: 'm.text', body: 'mine' }, '1');
    const redaction = await mallory.call('PUT', p`/v3/rooms/${roomId}/redact/${eventId}/1`, {});
    expect(redaction).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
    // The same as an ordinary event: it is stored, or not, but takes no effect.
    await mallory.call('PUT', p`/v3/rooms/${roomId}/send/m.room.redaction/2`, { redacts: eventId });
    const event = await olive.ok('GET', p`/v3/rooms/${roomId}/event/${eventId}`);
    expect(event.content.body).toBe('mine');
  });

  test('R5: not even who made the room makes it anew', async () => {
    const content = { room_version, 'm.federate': false };
    const path = p`/v3/rooms/${roomId}/state/m.room.create/`;
    const before = await olive.ok('GET', path);
    expect(before).not.toMatchObject(content);
    // No power would help: to a member it is a mistake, and no prohibition.
    const answer = await olive.call('PUT', path, content);
    expect(answer).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
    expect(await olive.ok('GET', path)).toEqual(before);
  });

  test('R12: who is banned neither reads on, nor comes back, by whatever way', async () => {
    const eve = await Person.register(url, `r2-eve-${room_version}`);
    await eve.ok('POST', p`/v3/join/${roomId}`, {});
    await olive.ok('POST', p`/v3/rooms/${roomId}/ban`, { user_id: eve.userId });
    const ways: [string, string, object][] = [
      ['POST', p`/v3/join/${roomId}`, {}],
      ['POST', p`/v3/rooms/${roomId}/join`, {}],
      ['POST', p`/v3/knock/${roomId}`, {}],
      ['PUT', p`/v3/rooms/${roomId}/state/m.room.member/${eve.userId}`, { membership: 'join' }],
      ['PUT', p`/v3/rooms/${roomId}/state/m.room.member/${eve.userId}`, { membership: 'leave' }],
      ['POST', p`/v3/rooms/${roomId}/leave`, {}],
    ];
    for (const [method, path, body] of ways) expect((await eve.call(method, path, body)).status).toBe(403);
  });
});

test('R20: as it is deployed, registration is closed, limits are on, and there are no guests', async () => {
  const { OPEN_REGISTRATION, RATE_LIMITS, PASSWORD_POLICY, URL_PREVIEWS } = homeserver.vars;
  expect({ OPEN_REGISTRATION, RATE_LIMITS, PASSWORD_POLICY, URL_PREVIEWS }).toEqual({
    OPEN_REGISTRATION: '0',
    RATE_LIMITS: 'on',
    PASSWORD_POLICY: 'on',
    URL_PREVIEWS: 'off',
  });
  const guest = await ask(url, 'POST', '/_matrix/client/v3/register?kind=guest', { body: {} });
  expect(guest).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
});

test('R19, R27: without keys of its own the server does not start, and it makes none by itself', () => {
  const secrets = {
    SIGNING_KEY: 'ed25519 test YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1',
    ENCRYPTION_KEY: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY',
    ADMIN_TOKEN: 'test-admin-token-test-admin-token-test',
  };
  const vars = { ...homeserver.vars, SERVER_NAME: 'roost.test', PUBLIC_BASE_URL: 'https://roost.test' };
  const env = { ...vars, ...secrets, APPSERVICE_REGISTRATIONS: '[]' } as unknown as Env;
  expect(readConfig(env).serverName).toBe('roost.test');
  for (const name of Object.keys(secrets)) {
    for (const value of [undefined, '', 'short']) {
      expect(() => readConfig({ ...env, [name]: value } as Env)).toThrow(name);
    }
  }
});
