import { endpoint } from '../endpoint.ts';
import { showRegistrationForm } from './registration-form.ts';

export const showRegistration = endpoint({
  operationId: 'showRegistration',
  method: 'GET',
  /** The second is that of invitation links. */
  paths: ['/oauth2/register', '/register'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    return showRegistrationForm(call, {
      next: call.query.next ?? '',
      invitation: call.query.token ?? '',
    });
  },
});
