import { openD1 } from '../../../../platform/d1.ts';
import { countPeople } from '../../storage/d1/accounts.ts';
import { endpoint } from '../endpoint.ts';

/** How many people have an account: 0 tells a launcher that the owner has yet to make one. */
export const countAccounts = endpoint({
  operationId: 'countAccounts',
  method: 'GET',
  paths: ['/_roost/admin/v1/accounts/count'],
  auth: 'admin',
  async handler({ env, config }) {
    return { count: await countPeople(openD1(env.DB, config.meter)) };
  },
});
