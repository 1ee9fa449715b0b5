import { unknown } from '../../matrix/errors.ts';
import { errorText, log } from '../../platform/log.ts';

/**
 * What a bridge's Worker answers, whatever goes wrong: whoever asked may ask again. Left to the runtime, an
 * error would be logged whole, with whatever it quotes.
 */
export async function answerSafely(network: string, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    log('error', `${network}.request_failed`, { error: errorText(error) });
    return Response.json(unknown().toBody(), { status: 503 });
  }
}
