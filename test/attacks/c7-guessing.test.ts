import { beforeAll, expect, test } from 'vitest';
import { routes } from '../../homeserver/src/api/routes.ts';
import { makeAdministrator } from './lib/administrator.ts';
import { type Answer, ask, Person, p } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/** C7: how much can be guessed, and what the answers to guesses tell. Counts are tested in `guessing.workers.test.ts`. */
const { url, serverName } = target;
let olive: Person;

beforeAll(async () => {
  olive = await Person.register(url, 'c7-olive');
});

test('C7: endpoints by which something can be guessed have the limit of logins', () => {
  const guessable = [
    ...[
      'login',
      'register',
      'registrationTokenValidity',
      'checkUsernameAvailability',
      'registerBySharedSecret',
    ],
    ...['changePassword', 'deactivateAccount', 'requestTokenTo3PIDEmail', 'showSetup', 'submitSetup'],
    ...['generateLoginToken', 'submitRecoveryCodes', 'submitPassword', 'startUpstream', 'finishUpstream'],
  ];
  const limited = routes
    .filter(({ rateLimit }) => rateLimit === 'login')
    .map(({ operationId }) => operationId);
  expect(limited).toEqual(expect.arrayContaining(guessable));
});

test('C7: whatever changes something, or answers those who show no token, has a limit', () => {
  const constant = [
    ...['getVersions', 'getWellknown', 'getWellKnown', 'getWellknownSupport', 'getAuthMetadata', 'getJwks'],
    ...['getServerKey', 'getVersion'],
  ];
  // They count by themselves, to answer with a page.
  const counting = ['submitLogin', 'submitPasskeyLogin', 'submitRecoveryLogin', 'submitRegistration'];
  const free = routes
    .filter(({ rateLimit }) => rateLimit === undefined || rateLimit === 'none')
    .filter(({ method, auth }) => method !== 'GET' || auth === 'none' || auth === 'optional')
    // Who has the owner's or a service's token is trusted; a log-out must always work; a sync waits; other servers
    // sign, and to find their keys has limits of its own.
    .filter(({ auth }) => !['admin', 'appservice', 'deferred', 'server'].includes(auth))
    .map(({ operationId }) => operationId)
    .filter((operationId) => !['logout', 'logout_all', ...constant, ...counting].includes(operationId));
  expect(free).toEqual([]);
});

/** All that a guess could be told apart by. */
function shapeOf({ status, text, headers }: Answer) {
  const names = [...headers.keys()].filter((name) => name !== 'date').sort();
  return { status, text: text.replace(/"session":"[^"]*"/, '"session":""'), names };
}

test('C7: a login tells nothing of who exists', async () => {
  const gone = await Person.register(url, 'c7-gone');
  const password = 'a long password';
  await gone.ok('POST', '/v3/account/deactivate', {
    auth: { type: 'm.login.password', user: 'c7-gone', password },
  });
  const guess = (user: string, password: string) =>
    ask(url, 'POST', '/_matrix/client/v3/login', { body: { type: 'm.login.password', user, password } });
  const [known, ...others] = await Promise.all([
    guess('c7-olive', 'guess'),
    guess('c7-nobody', 'guess'),
    guess('c7-gone', password),
    guess(`@c7-olive:evil.test`, password),
    guess('gullsbot', 'guess'),
    guess('c7-olive', ''),
    guess('c7-olive', 'x'.repeat(5000)),
    guess('', 'guess'),
  ]);
  if (!known) throw new Error('unreachable');
  expect(known.status).toBe(403);
  for (const other of others) expect(shapeOf(other)).toEqual(shapeOf(known));
});

test('C7: who may not administrate learns nothing of who exists', async () => {
  await makeAdministrator(url, 'c7-administrator');
  const lock = (userId: string) => olive.call('GET', p`/v1/admin/lock/${userId}`);
  const known = shapeOf(await lock(`@c7-administrator:${serverName}`));
  expect(known.status).toBe(403);
  for (const userId of [`@c7-nobody:${serverName}`, '@c7-olive:evil.test', 'nonsense']) {
    expect(shapeOf(await lock(userId))).toEqual(known);
  }
});

test('C7: a stranger cannot tell a private room from none', async () => {
  const secret = await olive.createRoom({ name: 'secret' });
  const stranger = await Person.register(url, 'c7-stranger');
  const none = `!${'A'.repeat(43)}`;
  const ways: [string, (roomId: string) => string, unknown?][] = [
    ['GET', (roomId) => p`/v3/rooms/${roomId}/state`],
    ['GET', (roomId) => p`/v3/rooms/${roomId}/state/m.room.create/`],
    ['GET', (roomId) => p`/v3/rooms/${roomId}/members`],
    ['GET', (roomId) => p`/v3/rooms/${roomId}/joined_members`],
    ['GET', (roomId) => `${p`/v3/rooms/${roomId}/messages`}?dir=b`],
    ['GET', (roomId) => p`/v1/room_summary/${roomId}`],
    ['GET', (roomId) => p`/v1/rooms/${roomId}/hierarchy`],
    ['POST', (roomId) => p`/v3/rooms/${roomId}/report`, { reason: 'x' }],
  ];
  for (const [method, pathTo, body] of ways) {
    const [there, nowhere] = await Promise.all(
      [secret, none].map((roomId) => stranger.call(method, pathTo(roomId), body)),
    );
    if (!there || !nowhere) throw new Error('unreachable');
    expect({ path: pathTo('x'), ...shapeOf(there) }).toEqual({ path: pathTo('x'), ...shapeOf(nowhere) });
  }
});
