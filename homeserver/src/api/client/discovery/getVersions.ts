import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientversions */
export const getVersions = endpoint({
  operationId: 'getVersions',
  method: 'GET',
  paths: ['/_matrix/client/versions'],
  auth: 'none',
  async handler() {
    return {
      versions: [
        'v1.1',
        'v1.2',
        'v1.3',
        'v1.4',
        'v1.5',
        'v1.6',
        'v1.7',
        'v1.8',
        'v1.9',
        'v1.10',
        'v1.11',
        'v1.12',
        'v1.13',
        'v1.14',
        'v1.15',
        'v1.16',
      ],
      unstable_features: {
        'org.matrix.simplified_msc3575': true,
        'org.matrix.msc3391': true,
        'org.matrix.msc3814': true,
        'org.matrix.msc3874': true,
        'org.matrix.msc3890': true,
        'org.matrix.msc4108': true,
        'org.matrix.msc4140': true,
        'org.matrix.msc4155': true,
        'org.matrix.msc4222': true,
        'org.matrix.msc4306': true,
        'org.matrix.msc4380.stable': true,
        'org.matrix.msc3881': true,
        'org.matrix.msc3916.stable': true,
        'org.matrix.msc3827.stable': true,
        'uk.half-shot.msc2666.query_mutual_rooms': true,
        'com.beeper.msc4169': true,
        'fi.mau.msc2659.stable': true,
        'uk.timedout.msc4323': true,
      },
    };
  },
});
