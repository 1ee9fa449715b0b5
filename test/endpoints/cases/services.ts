import type { Cases } from '../lib/case.ts';

/** Application services, third-party networks, calls. */
export const services: Cases = {
  pingAppservice: {
    '200': (world) => ({ by: world.asToken('good'), params: { appserviceId: 'good' }, body: {} }),
    '400 M_URL_NOT_SET': (world) => ({
      by: world.asToken('silent'),
      params: { appserviceId: 'silent' },
      body: {},
    }),
    '403 M_FORBIDDEN': (world) => ({
      by: world.asToken('good'),
      params: { appserviceId: 'broken' },
      body: {},
    }),
    '502 M_BAD_STATUS': (world) => ({
      by: world.asToken('broken'),
      params: { appserviceId: 'broken' },
      body: {},
    }),
    '502 M_CONNECTION_FAILED': (world) => ({
      by: world.asToken('absent'),
      params: { appserviceId: 'absent' },
      body: {},
    }),
  },
  getProtocols: { '200': () => ({}) },
  getProtocolMetadata: {
    '200': () => ({ params: { protocol: 'irc' } }),
    '404 M_NOT_FOUND': () => ({ params: { protocol: 'smoke' } }),
  },
  queryLocationByProtocol: {
    '200': () => ({ params: { protocol: 'irc' }, query: { channel: 'x' } }),
    '404 M_NOT_FOUND': () => ({ params: { protocol: 'irc' }, query: { channel: 'none' } }),
  },
  queryUserByProtocol: {
    '200': () => ({ params: { protocol: 'irc' }, query: { nickname: 'x' } }),
    '404 M_NOT_FOUND': () => ({ params: { protocol: 'irc' }, query: { nickname: 'none' } }),
  },
  queryLocationByAlias: {
    '200': () => ({ query: { alias: '#good_x:roost.test' } }),
    '404 M_NOT_FOUND': () => ({ query: { alias: '#good_none:roost.test' } }),
  },
  queryUserByID: {
    '200': () => ({ query: { userid: '@good_x:roost.test' } }),
    '404 M_NOT_FOUND': () => ({ query: { userid: '@good_none:roost.test' } }),
  },
  getTurnServer: { '200': () => ({}) },
  getRtcTransports: { '200': () => ({}), '401 M_MISSING_TOKEN': () => ({ by: null }) },
};
