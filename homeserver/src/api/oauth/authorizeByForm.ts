import { endpoint } from '../endpoint.ts';
import { readForm } from '../pages/form-body.ts';
import { seeOther } from '../pages/page-response.ts';

/** RFC 6749, 3.1: the same request as a form. */
export const authorizeByForm = endpoint({
  operationId: 'authorizeByForm',
  method: 'POST',
  paths: ['/oauth2/authorize'],
  auth: 'none',
  rateLimit: 'default',
  async handler({ request }) {
    return seeOther(`/oauth2/authorize?${(await readForm(request)) ?? ''}`);
  },
});
