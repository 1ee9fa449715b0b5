import { MatrixError, unknown } from '../../../matrix/errors.ts';
import { errorText, log } from '../../../platform/log.ts';

/** The one place where an error becomes a response. What is not a `MatrixError` is logged, not told. */
export function errorResponse(error: unknown, requestId: string): Response {
  const known = error instanceof MatrixError ? error : undefined;
  if (!known) log('error', 'request.failed', { requestId, error: errorText(error) });
  const answer = known ?? unknown();
  return Response.json(answer.toBody(), { status: answer.status, headers: answer.headers });
}
