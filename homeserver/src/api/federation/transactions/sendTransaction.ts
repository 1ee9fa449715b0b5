import { receiveTransaction } from '../../../federation/inbound/receive-transaction.ts';
import { endpoint } from '../../endpoint.ts';

/** Server-server API, "Transactions". A transaction that came before is taken again, and changes nothing. */
export const sendTransaction = endpoint({
  operationId: 'sendTransaction',
  method: 'PUT',
  path: '/_matrix/federation/v1/send/:txnId',
  auth: 'server',
  async handler({ env, config, stubs, waitUntil }, sender) {
    const pdus = await receiveTransaction({ env, config, stubs }, sender);
    waitUntil(stubs.destination(sender.origin).retryNow());
    return { pdus };
  },
});
