import { endpoint } from '../../endpoint.ts';
import { noticeBody, notify } from './send-notice.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/server_notices.html */
export const adminSendNoticeOnce = endpoint({
  operationId: 'adminSendNoticeOnce',
  method: 'PUT',
  paths: ['/_synapse/admin/v1/send_server_notice/{txnId}'],
  auth: 'administrator',
  rateLimit: 'send',
  body: noticeBody,
  handler: (call, requester) => notify(call, requester, call.params.txnId),
});
