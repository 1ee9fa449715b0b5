import { unrecognized } from '../../../matrix/errors.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import { boundService } from '../services/appservice-transport.ts';

/**
 * Passes a request to `/_bridge/<id>/…` on to the Worker bound for that application service, unread and
 * unchanged, so that one public address serves the bridges too (webhooks, log-in pages, transactions).
 */
export async function forwardToBridge(
  request: Request,
  id: string,
  env: Env,
  config: Config,
): Promise<Response> {
  const service = boundService(id, env, config);
  if (!service) throw unrecognized();
  return service.fetch(request, { redirect: 'manual' });
}
