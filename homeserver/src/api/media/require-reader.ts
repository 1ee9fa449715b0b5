import { notFound } from '../../../../matrix/errors.ts';
import type { Requester } from '../endpoint.ts';

/**
 * The addresses of before 1.11 asked for no token. Nothing that was uploaded since is served so ("Content
 * repository", "freeze"), and this server has nothing older: whoever shows no token finds nothing there.
 * Clients that show one are served as under the new addresses.
 * @throws `M_NOT_FOUND`
 */
export function requireReader(requester: Requester | undefined): void {
  if (!requester) throw notFound();
}
