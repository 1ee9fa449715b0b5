import { receive } from '../../appservice/receiver.ts';
import { appserviceHandlers } from './appservice-handlers.ts';
import type { Bridge } from './bridge.ts';
import { isProvisioningPath, provision } from './provisioning/provisioning-api.ts';

/**
 * What every bridge Worker answers: the homeserver's transactions and the provisioning API.
 * @returns nothing if the request is for neither
 */
export async function handleBridgeRequest(bridge: Bridge, request: Request): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  if (pathname.includes('/_matrix/app/v1/')) {
    return receive(request, bridge.config.registration.hsToken, appserviceHandlers(bridge));
  }
  if (isProvisioningPath(pathname)) return provision(bridge, request, Date.now());
  return undefined;
}
