import { endpoint } from '../../endpoint.ts';
import { noticeBody, notify } from './send-notice.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/server_notices.html */
export const adminSendNotice = endpoint({
  operationId: 'adminSendNotice',
  method: 'POST',
  paths: ['/_synapse/admin/v1/send_server_notice'],
  auth: 'administrator',
  rateLimit: 'send',
  body: noticeBody,
  handler: (call, requester) => notify(call, requester),
});
