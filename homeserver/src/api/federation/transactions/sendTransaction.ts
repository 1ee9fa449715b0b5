import { receiveTransaction } from '../../../federation/inbound/receive-transaction.ts';
import { eduPorts } from '../../../services/edu-ports.ts';
import { endpoint } from '../../endpoint.ts';

/**
 * Server-server API, "Transactions". One that came before is taken again, and changes nothing.
 * https://spec.matrix.org/v1.16/server-server-api/#put_matrixfederationv1sendtxnid
 */
export const sendTransaction = endpoint({
  operationId: 'sendTransaction',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/send/{txnId}'],
  auth: 'server',
  async handler({ env, config, stubs, waitUntil }, sender) {
    const parts = { env, config, stubs };
    const pdus = await receiveTransaction(parts, eduPorts(parts), sender);
    waitUntil(stubs.destination(sender.origin).retryNow());
    return { pdus };
  },
});
