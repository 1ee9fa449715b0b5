import { p } from '../../attacks/lib/attacker.ts';
import type { Cases } from '../lib/case.ts';
import type { World } from '../lib/world.ts';

const data = { a: 1 };
const ofSelf = ({ olive }: World) => ({ userId: olive.userId, type: 'org.example.data' });
const ofSelfInRoom = (world: World) => ({ ...ofSelf(world), roomId: world.roomId });
const rule = { kind: 'content', ruleId: 'dawn' };
const noRule = { kind: 'content', ruleId: 'none' };
const setRule = ({ olive }: World) =>
  olive.ok('PUT', '/v3/pushrules/global/content/dawn', { pattern: 'dawn', actions: ['notify'] });
const pusher = {
  app_id: 'test.app',
  pushkey: 'key',
  kind: 'http',
  app_display_name: 'Test',
  device_display_name: 'Phone',
  lang: 'en',
  data: { url: 'http://127.0.0.1:1/_matrix/push/v1/notify' },
};

/** Profiles, presence, account data, tags, filters, push, sync. */
export const people: Cases = {
  getUserProfile: {
    '200': ({ olive }) => ({ by: null, params: { userId: olive.userId } }),
    '404 M_NOT_FOUND': ({ serverName }) => ({ by: null, params: { userId: `@nobody:${serverName}` } }),
  },
  getProfileField: {
    '200': ({ olive }) => ({ by: null, params: { userId: olive.userId, keyName: 'displayname' } }),
    '404': ({ olive }) => ({ by: null, params: { userId: olive.userId, keyName: 'org.example.none' } }),
  },
  setProfileField: {
    '200': ({ olive }) => ({
      params: { userId: olive.userId, keyName: 'displayname' },
      body: { displayname: 'Olive' },
    }),
    '400 M_BAD_JSON': ({ olive }) => ({
      params: { userId: olive.userId, keyName: 'displayname' },
      body: { displayname: 7 },
    }),
    '400 M_INVALID_PARAM': ({ olive }) => ({
      params: { userId: olive.userId, keyName: 'NOT A NAME' },
      body: { 'NOT A NAME': 1 },
    }),
    '400 M_KEY_TOO_LARGE': ({ olive }) => ({
      params: { userId: olive.userId, keyName: `org.${'x'.repeat(300)}` },
      body: { [`org.${'x'.repeat(300)}`]: 1 },
    }),
    '400 M_MISSING_PARAM': ({ olive }) => ({
      params: { userId: olive.userId, keyName: 'displayname' },
      body: {},
    }),
    '400 M_PROFILE_TOO_LARGE': ({ olive }) => ({
      params: { userId: olive.userId, keyName: 'org.example.large' },
      body: { 'org.example.large': 'x'.repeat(70_000) },
    }),
    '403 M_FORBIDDEN': ({ olive, mallory }) => ({
      by: mallory,
      params: { userId: olive.userId, keyName: 'displayname' },
      body: { displayname: 'Mallory' },
    }),
  },
  deleteProfileField: {
    '200': async ({ olive }) => {
      await olive.ok('PUT', p`/v3/profile/${olive.userId}/org.example.a`, { 'org.example.a': 1 });
      return { params: { userId: olive.userId, keyName: 'org.example.a' } };
    },
    '400 M_INVALID_PARAM': ({ olive }) => ({ params: { userId: olive.userId, keyName: 'NOT A NAME' } }),
    '403 M_FORBIDDEN': ({ olive, mallory }) => ({
      by: mallory,
      params: { userId: olive.userId, keyName: 'displayname' },
    }),
  },
  searchUserDirectory: {
    '200': () => ({ body: { search_term: 'olive' } }),
    '400 M_BAD_JSON': () => ({ body: { search_term: 7 } }),
  },
  setPresence: {
    '200': ({ olive }) => ({ params: { userId: olive.userId }, body: { presence: 'online' } }),
    '403': ({ olive, mallory }) => ({
      by: mallory,
      params: { userId: olive.userId },
      body: { presence: 'offline' },
    }),
  },
  getPresence: {
    '200': ({ olive }) => ({ params: { userId: olive.userId } }),
    '403 M_FORBIDDEN': ({ olive, mallory }) => ({ by: mallory, params: { userId: olive.userId } }),
    '404': ({ serverName }) => ({ params: { userId: `@nobody:${serverName}` } }),
  },

  getAccountData: {
    '200': async (world) => {
      const params = ofSelf(world);
      await world.olive.ok('PUT', p`/v3/user/${params.userId}/account_data/${params.type}`, data);
      return { params };
    },
    '403 M_FORBIDDEN': (world) => ({ by: world.mallory, params: ofSelf(world) }),
    '404 M_NOT_FOUND': (world) => ({ params: { ...ofSelf(world), type: 'org.example.none' } }),
  },
  setAccountData: {
    '200': (world) => ({ params: ofSelf(world), body: data }),
    '400 M_BAD_JSON': (world) => ({ params: ofSelf(world), raw: '[]' }),
    '400 M_NOT_JSON': (world) => ({ params: ofSelf(world), raw: '{' }),
    '403 M_FORBIDDEN': (world) => ({ by: world.mallory, params: ofSelf(world), body: data }),
    '405 M_BAD_JSON': (world) => ({ params: { ...ofSelf(world), type: 'm.push_rules' }, body: data }),
  },
  deleteAccountData: {
    '200': (world) => ({ params: ofSelf(world) }),
    '403 M_FORBIDDEN': (world) => ({ by: world.mallory, params: ofSelf(world) }),
  },
  getAccountDataPerRoom: {
    '200': async (world) => {
      const { userId, roomId, type } = ofSelfInRoom(world);
      await world.olive.ok('PUT', p`/v3/user/${userId}/rooms/${roomId}/account_data/${type}`, data);
      return { params: { userId, roomId, type } };
    },
    '400 M_INVALID_PARAM': (world) => ({ params: { ...ofSelfInRoom(world), roomId: 'square' } }),
    '403 M_FORBIDDEN': (world) => ({ by: world.mallory, params: ofSelfInRoom(world) }),
    '404 M_NOT_FOUND': (world) => ({ params: { ...ofSelfInRoom(world), type: 'org.example.none' } }),
  },
  setAccountDataPerRoom: {
    '200': (world) => ({ params: ofSelfInRoom(world), body: data }),
    '400 M_BAD_JSON': (world) => ({ params: ofSelfInRoom(world), raw: '[]' }),
    '400 M_INVALID_PARAM': (world) => ({ params: { ...ofSelfInRoom(world), roomId: 'square' }, body: data }),
    '400 M_NOT_JSON': (world) => ({ params: ofSelfInRoom(world), raw: '{' }),
    '403 M_FORBIDDEN': (world) => ({ by: world.mallory, params: ofSelfInRoom(world), body: data }),
    '405 M_BAD_JSON': (world) => ({ params: { ...ofSelfInRoom(world), type: 'm.fully_read' }, body: data }),
  },
  deleteAccountDataPerRoom: {
    '200': (world) => ({ params: ofSelfInRoom(world) }),
    '403 M_FORBIDDEN': (world) => ({ by: world.mallory, params: ofSelfInRoom(world) }),
  },
  getRoomTags: {
    '200': (world) => ({ params: ofSelfInRoom(world) }),
    '403': (world) => ({ by: world.mallory, params: ofSelfInRoom(world) }),
  },
  setRoomTag: {
    '200': (world) => ({ params: { ...ofSelfInRoom(world), tag: 'm.favourite' }, body: { order: 0.5 } }),
    '403': (world) => ({
      by: world.mallory,
      params: { ...ofSelfInRoom(world), tag: 'm.favourite' },
      body: {},
    }),
  },
  deleteRoomTag: {
    '200': (world) => ({ params: { ...ofSelfInRoom(world), tag: 'm.favourite' } }),
    '403': (world) => ({ by: world.mallory, params: { ...ofSelfInRoom(world), tag: 'm.favourite' } }),
  },
  defineFilter: {
    '200': ({ olive }) => ({ params: { userId: olive.userId }, body: { room: { timeline: { limit: 5 } } } }),
    '403': ({ olive, mallory }) => ({ by: mallory, params: { userId: olive.userId }, body: {} }),
  },
  getFilter: {
    '200': async ({ olive }) => {
      const { filter_id: filterId } = await olive.ok('POST', p`/v3/user/${olive.userId}/filter`, {});
      return { params: { userId: olive.userId, filterId } };
    },
    '404': ({ olive }) => ({ params: { userId: olive.userId, filterId: '999' } }),
  },

  getPushRules: { '200': () => ({}) },
  getPushRulesGlobal: { '200': () => ({}) },
  getPushRule: {
    '200': async (world) => {
      await setRule(world);
      return { params: rule };
    },
    '404 M_NOT_FOUND': () => ({ params: noRule }),
  },
  setPushRule: {
    '200': () => ({ params: rule, body: { pattern: 'dawn', actions: ['notify'] } }),
    '400 M_UNKNOWN': () => ({
      params: rule,
      query: { before: '.m.rule.contains_user_name' },
      body: { pattern: 'dawn', actions: [] },
    }),
  },
  deletePushRule: {
    '200': async (world) => {
      await setRule(world);
      return { params: rule };
    },
    '404 M_NOT_FOUND': () => ({ params: noRule }),
  },
  isPushRuleEnabled: {
    '200': async (world) => {
      await setRule(world);
      return { params: rule };
    },
    '404 M_NOT_FOUND': () => ({ params: noRule }),
  },
  setPushRuleEnabled: {
    '200': async (world) => {
      await setRule(world);
      return { params: rule, body: { enabled: true } };
    },
    '404 M_NOT_FOUND': () => ({ params: noRule, body: { enabled: true } }),
  },
  getPushRuleActions: {
    '200': async (world) => {
      await setRule(world);
      return { params: rule };
    },
    '404 M_NOT_FOUND': () => ({ params: noRule }),
  },
  setPushRuleActions: {
    '200': async (world) => {
      await setRule(world);
      return { params: rule, body: { actions: ['notify'] } };
    },
    '404 M_NOT_FOUND': () => ({ params: noRule, body: { actions: ['notify'] } }),
  },
  getPushers: { '200': () => ({}) },
  postPusher: {
    '200': () => ({ body: pusher }),
    '400 M_MISSING_PARAM': () => ({ body: { ...pusher, data: undefined } }),
  },
  getNotifications: { '200': () => ({}), '400 M_INVALID_PARAM': () => ({ query: { from: 'nonsense' } }) },

  sync: { '200': () => ({ query: { timeout: '0' } }), '400': () => ({ query: { filter: '{' } }) },
  slidingSync: {
    '200': () => ({ body: { lists: {} } }),
    '400 M_UNKNOWN_POS': () => ({ query: { pos: 'nonsense' }, body: { lists: {} } }),
  },
  slidingSyncV4: {
    '200': () => ({ body: { lists: {} } }),
    '400 M_UNKNOWN_POS': () => ({ body: { pos: 'nonsense', lists: {} } }),
  },
};
