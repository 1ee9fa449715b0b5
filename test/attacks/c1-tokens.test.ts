import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../homeserver/src/api/routes.ts';
import { costOf, quiet, total } from '../harness/meter.ts';
import { Roost } from '../harness/roost.ts';
import { services, writeRegistrations } from './lib/appservices.ts';
import { type Answer, ask, inParallel, Person } from './lib/attacker.ts';
import { cases, fill, type RouteCase } from './lib/route-cases.ts';

/**
 * C1: every path of every endpoint, asked by those who must not. Who may ask is declared by the endpoint; that the
 * declaration holds, and that nobody makes an endpoint public by the way, is seen here.
 */
const serverName = 'roost.test';
const appserviceDir = writeRegistrations(serverName);
let roost: Roost;
let olive: Person;
/** Tokens that were good once, by what ended them. */
const dead: Record<string, string> = {};
/** Of the server's log: what was before the attacks. */
let logStart = 0;

beforeAll(async () => {
  roost = await Roost.start({ serverName, appserviceDir, meter: true });
  olive = await Person.register(roost.url, 'olive');
  const second = await olive.logIn();
  await second.ok('POST', '/v3/logout');
  dead.loggedOut = second.accessToken;
  const quitter = await Person.register(roost.url, 'quitter');
  const auth = { type: 'm.login.password', user: 'quitter', password: 'a long password' };
  await quitter.ok('POST', '/v3/account/deactivate', { auth });
  dead.deactivated = quitter.accessToken;
  await quiet(roost);
  logStart = roost.logLines.length;
}, 60_000);

afterAll(async () => {
  await roost?.stopAndRemove();
  rmSync(appserviceDir, { recursive: true, force: true });
});

/** Endpoints that answer anybody. An endpoint that is to join them is added here by hand. */
const open = new Set([
  'getVersions',
  'getWellknown',
  'getWellKnown',
  'getWellknownSupport',
  'getLoginFlows',
  'login',
  'refresh',
  'register',
  'checkUsernameAvailability',
  'registrationTokenValidity',
  'requestTokenTo3PIDEmail',
  'registerBySharedSecret',
  'sharedSecretNonce',
  'adminServerVersion',
  'showSetup',
  'submitSetup',
  'getUserProfile',
  'getProfileField',
  'getRoomIdByAlias',
  'getRoomVisibilityOnDirectory',
  // OAuth 2.0: for clients before they have a token, and for people on our pages.
  ...['getAuthMetadata', 'getJwks', 'registerClient', 'oauthToken', 'revokeToken', 'authorizeDevice'],
  // It asks for a secret of its own kind: see the conformance tests of RFC 7662.
  'introspectToken',
  ...['authorize', 'authorizeByForm', 'submitConsent', 'showLogin', 'submitLogin'],
  ...['showRegistration', 'submitRegistration', 'showAccount', 'submitAccount', 'showLink', 'submitLink'],
  // Who knows the id of a delayed event may send it or not: a call may outlive the session that began it.
  ...['cancelDelayedEvent', 'restartDelayedEvent', 'sendDelayedEvent', 'updateDelayedEvent'],
  // Where browsers begin to log in; the pages after that ask for what they gave the browser.
  ...['redirectToSSO', 'redirectToIdP', 'getFallback', 'showStaticLogin', 'showSso', 'submitSso'],
  ...['showTokenFallback', 'submitTokenFallback'],
  ...['showFallback', 'submitFallback', 'submitPasskeyLogin', 'showRecoveryLogin', 'submitRecoveryLogin'],
  ...['startUpstream', 'finishUpstream', 'showUpstreamLink', 'submitUpstreamLink'],
  ...['showPasskeys', 'submitPasskeys', 'showRecoveryCodes', 'submitRecoveryCodes'],
  ...['showPassword', 'submitPassword', 'showInvitations', 'submitInvitations'],
  // A device that is not logged in yet meets one that is; who knows the id of the session may read it.
  ...[
    'createRendezvousSession',
    'getRendezvousSession',
    'updateRendezvousSession',
    'deleteRendezvousSession',
  ],
  // What every server is told before it can sign; whom a token of OpenID, which is given, stands for; what an
  // identity server has signed, which is checked where it counts.
  ...[
    'getServerKey',
    'perspectivesKeyQuery',
    'bulkPerspectivesKeyQuery',
    'getVersion',
    'exchangeOpenIdToken',
    'onBindThirdPartyIdentifier',
  ],
]);
/** They look at a token if there is one, and say less without. */
const optional = new Set([
  ...['getContent', 'getContentOverrideName', 'getContentThumbnail'],
  ...['getRoomSummary', 'getPublicRooms'],
]);

test('C1, R3, R22: who needs no token is known by name', () => {
  const withAuth = (auth: string) =>
    routes.filter((endpoint) => endpoint.auth === auth).map(({ operationId }) => operationId);
  expect(withAuth('none').filter((operationId) => !open.has(operationId))).toEqual([]);
  expect(new Set(withAuth('optional'))).toEqual(optional);
  const deferred = ['sync', 'slidingSync', 'slidingSyncV4'];
  expect(withAuth('deferred').filter((operationId) => !deferred.includes(operationId))).toEqual([]);
});

const guarded = cases.filter(({ endpoint }) => !open.has(endpoint.operationId));
const ofPeople = ['accessToken', 'deferred', 'administrator'];
const forUsers = guarded.filter(({ endpoint }) => ofPeople.includes(endpoint.auth));
/** Paths of an endpoint differ in nothing but their names, so most attacks need one of them. */
const onePathEach = forUsers.filter(({ path, endpoint }) => path === endpoint.paths[0]);
const forOwner = guarded.filter(({ endpoint }) => endpoint.auth === 'admin');
const forServices = guarded.filter(({ endpoint }) => endpoint.auth === 'appservice');
const forServers = guarded.filter(({ endpoint }) => endpoint.auth === 'server');

test('C1: every path of every endpoint is attacked below, or is open by name', () => {
  const attacked = [...forUsers, ...forOwner, ...forServices, ...forServers];
  const left = guarded.filter((each) => !attacked.includes(each) && each.endpoint.auth !== 'optional');
  expect(left.map(({ name }) => name)).toEqual([]);
});

type Expected = [status: number, errcode: string];

/** Asks them all in the same way: each must answer as `expected`. */
async function expectRefused(
  attacked: readonly RouteCase[],
  expected: Expected,
  options: { token?: string; query?: string; headers?: Record<string, string> },
  check: (answer: Answer) => void = () => {},
): Promise<void> {
  const wrong: string[] = [];
  await inParallel(attacked, async ({ name, method, path, endpoint }) => {
    const answer = await ask(
      roost.url,
      method,
      fill(path, { userId: olive.userId }) + (options.query ?? ''),
      {
        token: options.token,
        ...(options.headers && { headers: options.headers }),
        ...(endpoint.body && { body: {} }),
      },
    );
    if (answer.status !== expected[0] || answer.body.errcode !== expected[1]) {
      wrong.push(`${name}: ${answer.status} ${answer.text.slice(0, 200)}`);
    } else check(answer);
  });
  expect(wrong).toEqual([]);
}

describe('C1: an endpoint of users', () => {
  test('refuses who shows no token', () => expectRefused(forUsers, [401, 'M_MISSING_TOKEN'], {}));

  test('takes no token from the address, where logs and referrers would keep it', () =>
    expectRefused(onePathEach, [401, 'M_MISSING_TOKEN'], { query: `?access_token=${olive.accessToken}` }));

  test('takes no other scheme than Bearer', () => {
    const basic = Buffer.from(`olive:${olive.accessToken}`).toString('base64');
    return expectRefused(onePathEach, [401, 'M_MISSING_TOKEN'], {
      headers: { authorization: `Basic ${basic}` },
    });
  });

  test.each([
    ['made up', () => 'nonsense'],
    ['of a logged-out device', () => dead.loggedOut],
    ['of a deactivated account', () => dead.deactivated],
    [
      'forged in its last character',
      () => olive.accessToken.slice(0, -1) + (olive.accessToken.endsWith('A') ? 'B' : 'A'),
    ],
    ['put under another name', () => olive.accessToken.replace(/^roost_[^_]+/, 'roost_Ym9i')],
    ['that the server sends to a service', () => services.gulls.hsToken],
    ['of the owner', () => roost.identity().adminToken],
  ])('refuses a token %s', async (_, token) => {
    await expectRefused(onePathEach, [401, 'M_UNKNOWN_TOKEN'], { token: String(token()) }, ({ body }) =>
      expect(body).not.toHaveProperty('soft_logout'),
    );
  });

  test('C2: refuses a service that acts for a user outside its namespace', async () => {
    const query = `?user_id=${encodeURIComponent(olive.userId)}`;
    await expectRefused(onePathEach, [403, 'M_EXCLUSIVE'], { token: services.gulls.asToken, query });
    const foreign = `?user_id=${encodeURIComponent(`@terns_a:${serverName}`)}`;
    await expectRefused(onePathEach, [403, 'M_EXCLUSIVE'], { token: services.gulls.asToken, query: foreign });
  });
});

describe('C1: an endpoint of the owner', () => {
  test('refuses who shows no token', () => expectRefused(forOwner, [401, 'M_MISSING_TOKEN'], {}));

  test.each([
    ['a user', () => olive.accessToken],
    ['C2: an application service', () => services.gulls.asToken],
    ['nobody', () => 'nonsense'],
  ])('refuses the token of %s', (_, token) =>
    expectRefused(forOwner, [403, 'M_FORBIDDEN'], { token: token() }),
  );
});

test('C1: an endpoint of application services refuses everybody else', async () => {
  await expectRefused(forServices, [401, 'M_MISSING_TOKEN'], {});
  for (const token of [olive.accessToken, services.gulls.hsToken, roost.identity().adminToken]) {
    await expectRefused(forServices, [403, 'M_FORBIDDEN'], { token });
  }
});

test('C1: an endpoint of other servers refuses who does not sign, whatever token is shown', async () => {
  await expectRefused(forServers, [401, 'M_UNAUTHORIZED'], {});
  for (const token of [olive.accessToken, services.gulls.asToken, roost.identity().adminToken]) {
    await expectRefused(forServers, [401, 'M_UNAUTHORIZED'], { token });
  }
});

test('C1: where a token may be left out, a wrong one is refused all the same', async () => {
  const attacked = cases.filter(({ endpoint }) => endpoint.auth === 'optional');
  await expectRefused(attacked, [401, 'M_UNKNOWN_TOKEN'], { token: String(dead.loggedOut) });
});

test('C1: of all that was refused nothing was written, and no database was asked', async () => {
  await quiet(roost);
  const cost = costOf(roost.logLines.slice(logStart));
  expect(total(cost.rowsWritten)).toBe(0);
  expect(cost.d1Queries).toBe(0);
});

test('C1: an access token whose time is over is refused softly, so that the client refreshes it', async () => {
  const { body: session } = await ask(roost.url, 'POST', '/_matrix/client/v3/login', {
    body: { type: 'm.login.password', user: 'olive', password: 'a long password', refresh_token: true },
  });
  const { body: next } = await ask(roost.url, 'POST', '/_matrix/client/v3/refresh', {
    body: { refresh_token: session.refresh_token },
  });
  const whoami = '/_matrix/client/v3/account/whoami';
  expect((await ask(roost.url, 'GET', whoami, { token: next.access_token })).status).toBe(200);
  await expectRefused(onePathEach, [401, 'M_UNKNOWN_TOKEN'], { token: session.access_token }, ({ body }) =>
    expect(body.soft_logout).toBe(true),
  );
  for (const token of [session.refresh_token, next.refresh_token]) {
    await expectRefused(onePathEach, [401, 'M_UNKNOWN_TOKEN'], { token });
  }
});
