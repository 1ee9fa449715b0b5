import { ask } from '../../attacks/lib/attacker.ts';
import type { Cases } from '../lib/case.ts';
import { password, type World } from '../lib/world.ts';

const refused = { '403 M_THREEPID_DENIED': () => ({ by: null, body: {} }) };

async function registrationToken({ url, roost }: World): Promise<string> {
  const token = roost.identity().adminToken;
  const path = '/_roost/admin/v1/registration_tokens';
  return (await ask(url, 'POST', path, { token, body: { uses: 1 } })).body.token;
}

/** @param body of those that change something */
const userOfAdministration = (body?: object) => ({
  '400 M_INVALID_PARAM': ({ administrator }: World) => ({
    by: administrator,
    params: { userId: '@someone:elsewhere.test' },
    ...(body && { body }),
  }),
  '403 M_FORBIDDEN': ({ olive, mallory }: World) => ({
    by: mallory,
    params: { userId: olive.userId },
    ...(body && { body }),
  }),
  '404 M_NOT_FOUND': ({ administrator, serverName }: World) => ({
    by: administrator,
    params: { userId: `@nobody:${serverName}` },
    ...(body && { body }),
  }),
});

/** Who is moderated is somebody of whom no other case wants anything. */
const moderated = async (world: World, body?: object) => ({
  by: world.administrator,
  params: { userId: (await world.person()).userId },
  ...(body && { body }),
});

/** Discovery, login, registration, accounts and devices. */
export const account: Cases = {
  getVersions: { '200': () => ({ by: null }) },
  getWellknown: { '200': () => ({ by: null }) },
  getWellknownSupport: { '200': () => ({ by: null }) },
  getCapabilities: { '200': () => ({}) },
  getAuthMetadata: { '200': () => ({ by: null }) },

  getLoginFlows: { '200': () => ({ by: null }) },
  login: {
    '200': ({ olive }) => ({ by: null, body: { type: 'm.login.password', user: olive.userId, password } }),
    '400 M_UNKNOWN': () => ({ by: null, body: { type: 'm.login.dummy' } }),
    '403 M_FORBIDDEN': ({ olive }) => ({
      by: null,
      body: { type: 'm.login.password', user: olive.userId, password: 'a guess' },
    }),
  },
  generateLoginToken: {
    '200': (world) => ({ body: { auth: world.proof(world.olive) } }),
    '400': () => ({ body: { auth: 'please' } }),
    '401': () => ({ body: {} }),
  },
  redirectToSSO: { '302': () => ({ by: null, query: { redirectUrl: 'https://client.test/' } }) },
  redirectToIdP: {
    '404': () => ({ by: null, params: { idpId: 'nobody' }, query: { redirectUrl: 'https://client.test/' } }),
  },
  getFallback: {
    '303': () => ({ by: null, params: { authType: 'm.login.sso' }, query: { session: 'x' } }),
    '404 M_NOT_FOUND': () => ({ by: null, params: { authType: 'org.example.none' } }),
  },
  showStaticLogin: { '200': () => ({ by: null }) },
  refresh: {
    '200': async ({ url, olive }) => {
      const { body } = await ask(url, 'POST', '/_matrix/client/v3/login', {
        body: { type: 'm.login.password', user: olive.userId, password, refresh_token: true },
      });
      return { by: null, body: { refresh_token: body.refresh_token } };
    },
    '401 M_UNKNOWN_TOKEN': () => ({ by: null, body: { refresh_token: 'nonsense' } }),
  },
  logout: { '200': async ({ olive }) => ({ by: await olive.logIn(), body: {} }) },
  logout_all: { '200': async (world) => ({ by: await world.person(), body: {} }) },

  register: {
    '200': (world) => ({
      by: null,
      body: { username: world.name('new'), password, auth: { type: 'm.login.dummy' } },
    }),
    '400 M_EXCLUSIVE': () => ({ by: null, body: { username: 'good_ghost', password } }),
    '400 M_INVALID_USERNAME': () => ({ by: null, body: { username: 'a b', password } }),
    '400 M_USER_IN_USE': () => ({ by: null, body: { username: 'olive', password } }),
    '401': () => ({ by: null, body: { username: 'later', password } }),
    '403 M_FORBIDDEN': () => ({ by: null, query: { kind: 'guest' }, body: {} }),
  },
  checkUsernameAvailability: {
    '200': () => ({ by: null, query: { username: 'free' } }),
    '400 M_EXCLUSIVE': () => ({ by: null, query: { username: 'good_ghost' } }),
    '400 M_INVALID_USERNAME': () => ({ by: null, query: { username: 'a b' } }),
    '400 M_USER_IN_USE': () => ({ by: null, query: { username: 'olive' } }),
  },
  registrationTokenValidity: {
    '200': async (world) => ({ by: null, query: { token: await registrationToken(world) } }),
  },
  requestTokenToRegisterEmail: refused,
  requestTokenToRegisterMSISDN: refused,
  requestTokenToResetPasswordEmail: refused,
  requestTokenToResetPasswordMSISDN: refused,
  requestTokenTo3PIDEmail: refused,
  requestTokenTo3PIDMSISDN: refused,

  getTokenOwner: {
    '200': () => ({}),
    '401 M_UNKNOWN_TOKEN': () => ({ by: 'nonsense' }),
    '403 M_FORBIDDEN': (world) => ({
      by: world.asToken('good'),
      query: { user_id: `@good_nobody:${world.serverName}` },
    }),
  },
  changePassword: {
    '200': async (world) => {
      const by = await world.person();
      return { by, body: { new_password: 'another long password', auth: world.proof(by) } };
    },
    '401': () => ({ body: { new_password: 'another long password' } }),
  },
  deactivateAccount: {
    '200': async (world) => {
      const by = await world.person();
      return { by, body: { auth: world.proof(by) } };
    },
    '401': () => ({ body: {} }),
  },
  getAccount3PIDs: { '200': () => ({}) },
  post3PIDs: { '403': () => ({ body: { three_pid_creds: {} } }) },
  add3PID: { '403 M_FORBIDDEN': () => ({ body: { client_secret: 'x', sid: 'x' } }) },
  bind3PID: { '403 M_FORBIDDEN': () => ({ body: {} }) },
  delete3pidFromAccount: { '200': () => ({ body: { medium: 'email', address: 'a@example.org' } }) },
  unbind3pidFromAccount: { '200': () => ({ body: { medium: 'email', address: 'a@example.org' } }) },
  requestOpenIdToken: {
    '200': ({ olive }) => ({ params: { userId: olive.userId }, body: {} }),
    '403': ({ olive, mallory }) => ({ by: mallory, params: { userId: olive.userId }, body: {} }),
  },

  getDevices: { '200': () => ({}) },
  getDevice: {
    '200': ({ olive }) => ({ params: { deviceId: olive.deviceId } }),
    '404': () => ({ params: { deviceId: 'NONE' } }),
  },
  updateDevice: {
    '200': ({ olive }) => ({ params: { deviceId: olive.deviceId }, body: { display_name: 'Phone' } }),
    '201': async (world) => ({
      by: world.asToken('good'),
      query: { user_id: await world.ghost() },
      params: { deviceId: 'PUPPET' },
      body: { display_name: 'Puppet' },
    }),
    '404': () => ({ params: { deviceId: 'NONE' }, body: { display_name: 'Phone' } }),
  },
  deleteDevice: {
    '200': async (world) => ({
      params: { deviceId: (await world.olive.logIn()).deviceId },
      body: { auth: world.proof(world.olive) },
    }),
    '401': async ({ olive }) => ({ params: { deviceId: (await olive.logIn()).deviceId }, body: {} }),
  },
  deleteDevices: {
    '200': async (world) => ({
      body: { devices: [(await world.olive.logIn()).deviceId], auth: world.proof(world.olive) },
    }),
    '401': ({ olive }) => ({ body: { devices: [olive.deviceId] } }),
  },

  getAdminLockUser: { '200': (world) => moderated(world), ...userOfAdministration() },
  setAdminLockUser: {
    '200': (world) => moderated(world, { locked: true }),
    ...userOfAdministration({ locked: true }),
  },
  getAdminSuspendUser: { '200': (world) => moderated(world), ...userOfAdministration() },
  setAdminSuspendUser: {
    '200': (world) => moderated(world, { suspended: true }),
    ...userOfAdministration({ suspended: true }),
  },
  getWhoIs: {
    '200': ({ olive }) => ({ params: { userId: olive.userId } }),
    '403': ({ olive, mallory }) => ({ by: mallory, params: { userId: olive.userId } }),
  },
};
