import packageJson from '../../../../../package.json' with { type: 'json' };
import { endpoint } from '../../endpoint.ts';

/**
 * Without a token, as Synapse has it: consoles look for it before somebody logs in.
 * https://element-hq.github.io/synapse/latest/admin_api/version_api.html
 */
export const adminServerVersion = endpoint({
  operationId: 'adminServerVersion',
  method: 'GET',
  paths: ['/_synapse/admin/v1/server_version'],
  auth: 'none',
  rateLimit: 'default',
  async handler() {
    return { server_version: `Roost ${packageJson.version}` };
  },
});
