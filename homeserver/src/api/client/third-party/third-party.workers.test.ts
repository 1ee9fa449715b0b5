import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parseRegistration } from '../../../../../appservice/registration.ts';
import { call, makeTables } from '../../../../../test/harness/homeserver-worker.ts';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';

const token = 'test-as-token';
/** The configuration that the Worker keeps, too. */
const config = readConfig(env as unknown as Env);
const own = [...config.registrations];
let answers: Record<string, () => Response | Promise<Response>>;
let asked: string[];

const service = (id: string, extra: object = {}) =>
  parseRegistration({
    id,
    url: `http://${id}.test`,
    as_token: `${id}-as`,
    hs_token: `${id}-hs`,
    sender_localpart: `${id}bot`,
    protocols: ['irc'],
    namespaces: {
      users: [{ regex: `@${id}_.*:roost\\.test`, exclusive: true }],
      aliases: [{ regex: `#${id}_.*:roost\\.test`, exclusive: true }],
      rooms: [],
    },
    ...extra,
  });

beforeAll(makeTables);
beforeEach(() => {
  config.registrations.push(service('one'), service('two'), service('silent', { url: null }));
  asked = [];
  answers = {};
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const id = /^http:\/\/(\w+)\.test/.exec(String(input))?.[1];
    expect(new Headers(init?.headers).get('authorization')).toBe(`Bearer ${id}-hs`);
    const url = String(input).replace('.test/_matrix/app/v1', '');
    asked.push(url);
    return answers[url]?.() ?? new Response('{}', { status: 404 });
  });
});
afterEach(() => {
  config.registrations.splice(0, Number.POSITIVE_INFINITY, ...own);
  vi.restoreAllMocks();
});

const ask = (path: string) => call('GET', `/v3/thirdparty/${path}`, { token });
const irc = (name: string) => ({
  user_fields: ['network', 'nickname'],
  location_fields: ['network', 'channel'],
  icon: 'mxc://roost.test/icon',
  field_types: { network: { regexp: '.*', placeholder: 'irc.example.org' } },
  instances: [{ desc: name, network_id: name, fields: { network: name } }],
});
/** As clients are told of it: an instance can be named in the directory of rooms. */
const told = (name: string) => ({
  ...irc(name),
  instances: irc(name).instances.map((instance) => ({ ...instance, instance_id: `${name}|${name}` })),
});

test('a network that two services reach is described once, with the instances of both', async () => {
  answers['http://one/thirdparty/protocol/irc'] = () => Response.json(irc('one'));
  answers['http://two/thirdparty/protocol/irc'] = () => Response.json(irc('two'));
  const both = { ...told('one'), instances: [...told('one').instances, ...told('two').instances] };
  expect(await ask('protocols')).toMatchObject({ status: 200, body: { irc: both } });
  expect((await ask('protocol/irc')).body).toEqual(both);
});

test('services that fail, answer nonsense or too much are passed over', async () => {
  answers['http://two/thirdparty/protocol/irc'] = () => Response.json(irc('two'));
  for (const answer of [
    () => Promise.reject(new Error('unreachable')),
    () => new Response('no JSON'),
    () => Response.json([]),
    () => Response.json({ ...irc('one'), instances: 'many' }),
    () => new Response(' '.repeat(100_000)),
  ]) {
    answers['http://one/thirdparty/protocol/irc'] = answer;
    expect((await ask('protocols')).body).toEqual({ irc: told('two') });
  }
});

test('without services there are no networks', async () => {
  config.registrations.splice(0, Number.POSITIVE_INFINITY, ...own);
  expect((await ask('protocols')).body).toEqual({});
  expect(asked).toEqual([]);
});

test('places and users are looked for by fields in all services of the network', async () => {
  const place = (id: string) => ({
    alias: `#${id}_x:roost.test`,
    protocol: 'irc',
    fields: { channel: '#x' },
  });
  answers['http://one/thirdparty/location/irc?channel=%23x'] = () => Response.json([place('one')]);
  answers['http://two/thirdparty/location/irc?channel=%23x'] = () => Response.json([place('two')]);
  expect((await ask('location/irc?channel=%23x')).body).toEqual([place('one'), place('two')]);
  const user = { userid: '@two_nick:roost.test', protocol: 'irc', fields: { nickname: 'nick' } };
  answers['http://two/thirdparty/user/irc?nickname=nick'] = () => Response.json([user]);
  expect((await ask('user/irc?nickname=nick')).body).toEqual([user]);
});

test('what a Matrix name is elsewhere is asked of the service that it belongs to', async () => {
  const user = { userid: '@one_nick:roost.test', protocol: 'irc', fields: { nickname: 'nick' } };
  answers['http://one/thirdparty/user?userid=%40one_nick%3Aroost.test'] = () => Response.json([user]);
  expect((await ask('user?userid=@one_nick:roost.test')).body).toEqual([user]);
  const place = { alias: '#two_x:roost.test', protocol: 'irc', fields: { channel: '#x' } };
  answers['http://two/thirdparty/location?alias=%23two_x%3Aroost.test'] = () => Response.json([place]);
  expect((await ask('location?alias=%23two_x:roost.test')).body).toEqual([place]);
  expect(asked).toHaveLength(2);
});

test.each([
  ['protocol/smoke', 404, 'M_NOT_FOUND'],
  ['protocol/irc', 404, 'M_NOT_FOUND'],
  ['location/irc?channel=x', 404, 'M_NOT_FOUND'],
  ['user/irc?nickname=x', 404, 'M_NOT_FOUND'],
  ['location?alias=%23one_x:roost.test', 404, 'M_NOT_FOUND'],
  ['user?userid=@somebody:roost.test', 404, 'M_NOT_FOUND'],
  ['location', 400, 'M_INVALID_PARAM'],
  ['user', 400, 'M_INVALID_PARAM'],
])('%s is answered %i %s', async (path, status, errcode) => {
  expect(await ask(path)).toMatchObject({ status, body: { errcode } });
  expect((await call('GET', `/v3/thirdparty/${path}`)).status).toBe(401);
});
