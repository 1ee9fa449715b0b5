import { endpoint } from '../endpoint.ts';
import { showRegistrationForm } from './registration-form.ts';

export const showRegistration = endpoint({
  operationId: 'showRegistration',
  method: 'GET',
  paths: ['/oauth2/register'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    return showRegistrationForm(call, {
      next: call.query.next ?? '',
      invitation: call.query.invitation ?? '',
    });
  },
});
