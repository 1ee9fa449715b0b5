import { ProvisioningClient } from '../../scripts/lib/provisioning-client.ts';
import type { BridgedServer } from './bridged-server.ts';

/**
 * Goes through a login flow of a bridge, giving `values` for the fields that are asked for.
 * @returns the login's id and what the last step told the user
 */
export async function logInToNetwork(
  server: Pick<BridgedServer, 'bridgesUrl' | 'identity'>,
  network: 'slack' | 'discord',
  flowId: string,
  userId: string,
  values: Record<string, string>,
): Promise<{ loginId: string; instructions: string }> {
  const bridge = new ProvisioningClient({
    url: server.bridgesUrl,
    network,
    token: server.identity().provisioningToken,
    userId,
  });
  let step = await bridge.startLogin(flowId);
  while (step.type !== 'complete') {
    const asked = step.user_input?.fields ?? [];
    const missing = asked.filter((field) => !field.optional && values[field.id] === undefined);
    if (missing.length > 0) throw new Error(`no value for ${missing.map(({ id }) => id).join(', ')}`);
    step = await bridge.submitStep(
      step,
      Object.fromEntries(asked.flatMap(({ id }) => (values[id] === undefined ? [] : [[id, values[id]]]))),
    );
  }
  return { loginId: step.complete?.user_login_id ?? '', instructions: step.instructions ?? '' };
}
