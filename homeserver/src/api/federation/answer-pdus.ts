import { type Denial, fromDenial } from '../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { ServedPdus } from '../../objects/room-serving-rpc.ts';

/** @throws MatrixError for a denial */
export function pdusOf(answer: ServedPdus | Denial): JsonObject[] {
  if (answer.kind === 'denied') throw fromDenial(answer);
  return answer.pdus;
}
