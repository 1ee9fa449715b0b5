import * as v from 'valibot';
import { badJson, MatrixError, notFound, notJson, tooLarge } from '../../../matrix/errors.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { readLimitedBody } from '../../../platform/limited-body.ts';
import { type LoginField, LoginInputError, type LoginProgress, type LoginStep } from '../login-flow.ts';
import type { LoginProcess } from '../login-processes.ts';
import type { ProvisioningCall } from './provisioning-api.ts';

const maxBodyBytes = 64 * 1024;
const inputSchema = v.record(v.string(), v.pipe(v.string(), v.maxLength(16_384)));

export async function listLoginFlows({ bridge }: ProvisioningCall): Promise<object> {
  return { flows: flowsOf(bridge.connector.loginFlows) };
}

export function flowsOf(flows: readonly { id: string; name: string; description: string }[]): object[] {
  return flows.map(({ id, name, description }) => ({ id, name, description }));
}

export async function startLogin(call: ProvisioningCall, flowId = ''): Promise<object> {
  const { bridge, userId } = call;
  const flow = bridge.connector.loginFlows.find((candidate) => candidate.id === flowId);
  if (!flow) throw notFound('No such login flow');
  const progress = await flow.start({ env: bridge.env, userId });
  return proceed(call, { processId: crypto.randomUUID(), userId, flowId }, progress);
}

export async function submitLoginStep(
  call: ProvisioningCall,
  processId = '',
  stepId = '',
  stepType = '',
): Promise<object> {
  const { bridge, userId, nowMs } = call;
  const process = await bridge.loginProcesses.get(processId, userId, nowMs);
  if (!process) throw notFound('No such login process');
  if (process.stepId !== stepId || process.stepType !== stepType) {
    throw new MatrixError(400, 'M_BAD_STATE', 'The login process is at another step');
  }
  const flow = bridge.connector.loginFlows.find((candidate) => candidate.id === process.flowId);
  if (!flow) throw notFound('No such login flow');
  const input = await readInput(call.request);
  try {
    const progress = await flow.submit({ env: bridge.env, userId }, stepId, input, process.state);
    return await proceed(call, process, progress);
  } catch (error) {
    if (error instanceof LoginInputError) throw new MatrixError(400, error.errcode, error.message);
    throw error;
  }
}

/** Stores where the login stands; at its end the login itself, which the connector then connects. */
async function proceed(
  { bridge, nowMs }: ProvisioningCall,
  process: Pick<LoginProcess, 'processId' | 'userId' | 'flowId'>,
  { step, state }: LoginProgress,
): Promise<object> {
  const { processId, userId, flowId } = process;
  if (step.type !== 'complete') {
    const next = { processId, userId, flowId, stepId: step.stepId, stepType: step.type, state };
    await bridge.loginProcesses.put(next, nowMs);
    return describe(processId, step);
  }
  if ((await bridge.logins.put(userId, step.login, nowMs)) === 'taken') {
    throw new MatrixError(403, 'M_FORBIDDEN', 'Another user is logged in to this account');
  }
  await bridge.loginProcesses.delete(processId);
  const login = await bridge.logins.get(step.login.loginId);
  if (login) await bridge.connector.onLogin(bridge.env, login);
  return describe(processId, step);
}

function describe(processId: string, step: LoginStep): JsonObject {
  const common = {
    login_id: processId,
    type: step.type,
    step_id: step.stepId,
    instructions: step.instructions,
  };
  switch (step.type) {
    case 'user_input':
      return { ...common, user_input: { fields: step.fields.map(describeField) } };
    case 'display_and_wait':
      return { ...common, display_and_wait: { ...step.display } };
    case 'complete':
      return { ...common, complete: { user_login_id: step.login.loginId } };
    default:
      return step satisfies never;
  }
}

function describeField({ optional, ...field }: LoginField): JsonObject {
  return { ...field, ...(optional === undefined ? {} : { optional }) } as JsonObject;
}

async function readInput(request: Request): Promise<Record<string, string>> {
  const body = await readLimitedBody(request, maxBodyBytes);
  if (!body) throw tooLarge();
  if (body.byteLength === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw notJson();
  }
  const result = v.safeParse(inputSchema, value);
  if (!result.success) throw badJson('Expected an object of texts');
  return result.output;
}
