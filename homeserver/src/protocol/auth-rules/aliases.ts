import { serverNameOf } from '../../../../matrix/identifiers.ts';
import type { Pdu } from '../pdu.ts';
import { allowed, denied, type Verdict } from './verdict.ts';

/** Rule 4 of room versions 1–5: a server's own aliases, by anybody of that server. */
export function authorizeAliases(event: Pdu): Verdict {
  if (event.state_key === undefined) return denied('v1:4.1', 'no state key');
  return serverNameOf(event.sender) === event.state_key
    ? allowed
    : denied('v1:4.2', 'aliases of another server');
}
