import * as v from 'valibot';
import { forbidden, MatrixError } from '../../../../../matrix/errors.ts';
import { type AppserviceAnswer, callAppservice } from '../../../services/appservice-transport.ts';
import { endpoint } from '../../endpoint.ts';

const timeoutMs = 30_000;
const maxQuotedChars = 1_000;

/** https://spec.matrix.org/v1.16/application-service-api/#post_matrixclientv1appserviceappserviceidping */
export const pingAppservice = endpoint({
  operationId: 'pingAppservice',
  method: 'POST',
  paths: [
    '/_matrix/client/v1/appservice/{appserviceId}/ping',
    '/_matrix/client/unstable/fi.mau.msc2659/appservice/{appserviceId}/ping',
  ],
  auth: 'appservice',
  body: v.object({ transaction_id: v.optional(v.pipe(v.string(), v.maxLength(255))) }),
  async handler({ params, body, env, config, stubs, waitUntil }, { appservice }) {
    if (!appservice || appservice.id !== params.appserviceId) {
      throw forbidden('This is not the as_token of that application service');
    }
    const { url } = appservice;
    if (url === undefined) throw new MatrixError(400, 'M_URL_NOT_SET', 'The registration has no url');
    const startMs = performance.now();
    const answer = await callAppservice(
      env,
      config,
      { ...appservice, url },
      {
        method: 'POST',
        path: '/ping',
        json: body,
        timeoutMs,
      },
    );
    const durationMs = Math.round(performance.now() - startMs);
    expectSuccess(answer);
    // The service is there: what was held back after failures need not wait.
    waitUntil(stubs.appservice(appservice.id).retryNow());
    return { duration_ms: durationMs };
  },
});

/** @throws the errors that the specification has for this operation */
function expectSuccess(answer: AppserviceAnswer): void {
  switch (answer.kind) {
    case 'timed_out':
      throw new MatrixError(504, 'M_CONNECTION_TIMEOUT', 'The application service did not answer in time');
    case 'failed':
      throw new MatrixError(502, 'M_CONNECTION_FAILED', answer.reason);
    case 'answered':
      if (answer.status === 200) return;
      throw new MatrixError(502, 'M_BAD_STATUS', `Ping returned status ${answer.status}`, {
        status: answer.status,
        body: answer.body.slice(0, maxQuotedChars),
      });
    default:
      answer satisfies never;
  }
}
