import type { ServerName } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { errorText, log } from '../../../../platform/log.ts';
import type { FederationParts } from '../federation-parts.ts';
import { receiveReceipts } from './receive-receipts.ts';
import { receiveTyping } from './receive-typing.ts';

type Receive = (parts: FederationParts, origin: ServerName, content: unknown) => Promise<void>;

const kinds: Record<string, Receive> = {
  'm.typing': receiveTyping,
  'm.receipt': receiveReceipts,
};

/** Server-server API, "EDUs". What is malformed, or of users of other servers than the origin, is left out. */
export async function receiveEdus(
  parts: FederationParts,
  origin: ServerName,
  edus: readonly JsonObject[],
): Promise<void> {
  for (const { edu_type: type, content } of edus) {
    const receive = typeof type === 'string' && Object.hasOwn(kinds, type) ? kinds[type] : undefined;
    try {
      await receive?.(parts, origin, content);
    } catch (error) {
      log('warn', 'federation.edu_failed', {
        origin,
        type: String(type).slice(0, 100),
        error: errorText(error),
      });
    }
  }
}
