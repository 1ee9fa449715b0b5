import type { Roost } from './roost.ts';

interface LoginStepBody {
  login_id: string;
  step_id: string;
  type: 'user_input' | 'display_and_wait' | 'complete';
  instructions?: string;
  user_input?: { fields: { id: string; optional?: boolean }[] };
  display_and_wait?: { type: string; data?: string };
  complete?: { user_login_id: string };
}

/** One call of a bridge's provisioning API. @throws if the answer is not 2xx */
export async function provisioning<T>(
  roost: Pick<Roost, 'url' | 'identity'>,
  network: 'slack' | 'discord',
  userId: string,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const url = new URL(`${roost.url}/_bridge/${network}/_matrix/provision/v3/${path}`);
  url.searchParams.set('user_id', userId);
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${roost.identity().provisioningToken}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

/**
 * Goes through a login flow, giving `values` for the fields that are asked for.
 * @returns the login's id and what the last step told the user
 */
export async function logInToNetwork(
  roost: Pick<Roost, 'url' | 'identity'>,
  network: 'slack' | 'discord',
  flowId: string,
  userId: string,
  values: Record<string, string>,
): Promise<{ loginId: string; instructions: string }> {
  let step = await provisioning<LoginStepBody>(roost, network, userId, 'POST', `login/start/${flowId}`);
  while (step.type !== 'complete') {
    const asked = step.user_input?.fields ?? [];
    const missing = asked.filter((field) => !field.optional && values[field.id] === undefined);
    if (missing.length > 0) throw new Error(`no value for ${missing.map(({ id }) => id).join(', ')}`);
    const input = Object.fromEntries(
      asked.flatMap(({ id }) => (values[id] === undefined ? [] : [[id, values[id]]])),
    );
    step = await provisioning<LoginStepBody>(
      roost,
      network,
      userId,
      'POST',
      `login/step/${step.login_id}/${step.step_id}/${step.type}`,
      input,
    );
  }
  return { loginId: step.complete?.user_login_id ?? '', instructions: step.instructions ?? '' };
}
