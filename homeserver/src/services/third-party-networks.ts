import * as v from 'valibot';
import { matches, type Registration } from '../../../appservice/registration.ts';
import { errorText, log } from '../../../platform/log.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import { callAppservice } from './appservice-transport.ts';

/**
 * Application Service API, "Third-party networks": what services say of the networks that they reach. All
 * that may know are asked at once, and what those answer that do is put together.
 */

const timeoutMs = 10_000;

const protocolSchema = v.looseObject({
  user_fields: v.array(v.string()),
  location_fields: v.array(v.string()),
  icon: v.optional(v.string(), ''),
  field_types: v.record(v.string(), v.unknown()),
  instances: v.array(v.record(v.string(), v.unknown())),
});
export type ThirdPartyProtocol = v.InferOutput<typeof protocolSchema>;

const found = v.array(v.record(v.string(), v.unknown()));
export type ThirdPartyResult = v.InferOutput<typeof found>[number];

type Callee = Registration & { url: string };

/** Every protocol that a service names in its registration and describes. */
export async function describeProtocols(
  env: Env,
  config: Config,
): Promise<Record<string, ThirdPartyProtocol>> {
  const names = [...new Set(config.registrations.flatMap(({ protocols }) => protocols))];
  const described = await Promise.all(
    names.map(async (name) => [name, await describeProtocol(env, config, name)] as const),
  );
  return Object.fromEntries(described.flatMap(([name, one]) => (one ? [[name, one]] : [])));
}

/** Of several services that reach one network the first describes it; all have instances. */
export async function describeProtocol(
  env: Env,
  config: Config,
  protocol: string,
): Promise<ThirdPartyProtocol | undefined> {
  const path = `/thirdparty/protocol/${encodeURIComponent(protocol)}`;
  const described = await Promise.all(
    servicesOf(config, protocol).map(async (service) => {
      const answers = await ask(env, config, [service], path, protocolSchema);
      return answers.map((answer) => withInstanceIds(service.id, answer));
    }),
  );
  const [first, ...others] = described.flat();
  if (!first) return undefined;
  return { ...first, instances: [first, ...others].flatMap(({ instances }) => instances) };
}

/** By which clients ask for the rooms of one network ("Listing rooms", `third_party_instance_id`). */
export function networkInstanceId(serviceId: string, networkId: string): string {
  return `${serviceId}|${networkId}`;
}

function withInstanceIds(serviceId: string, protocol: ThirdPartyProtocol): ThirdPartyProtocol {
  const instances = protocol.instances.map((instance) =>
    typeof instance.network_id === 'string'
      ? { ...instance, instance_id: networkInstanceId(serviceId, instance.network_id) }
      : instance,
  );
  return { ...protocol, instances };
}

/** @param fields as the client gave them: they mean something to the services alone */
export async function findByFields(
  env: Env,
  config: Config,
  kind: 'location' | 'user',
  protocol: string,
  fields: URLSearchParams,
): Promise<ThirdPartyResult[]> {
  const path = `/thirdparty/${kind}/${encodeURIComponent(protocol)}?${fields}`;
  return (await ask(env, config, servicesOf(config, protocol), path, found)).flat();
}

/** What a Matrix room or user is on other networks: asked of the services whose namespaces hold its name. */
export async function findByMatrixId(
  env: Env,
  config: Config,
  kind: 'location' | 'user',
  id: string,
): Promise<ThirdPartyResult[]> {
  const [namespace, parameter] =
    kind === 'location' ? (['aliases', 'alias'] as const) : (['users', 'userid'] as const);
  const services = config.registrations.filter(({ namespaces }) => matches(namespaces[namespace], id));
  const path = `/thirdparty/${kind}?${new URLSearchParams({ [parameter]: id })}`;
  return (await ask(env, config, services, path, found)).flat();
}

function servicesOf(config: Config, protocol: string): Registration[] {
  return config.registrations.filter(({ protocols }) => protocols.includes(protocol));
}

/** The answers of those that know something; the others are passed over. */
async function ask<Schema extends v.GenericSchema>(
  env: Env,
  config: Config,
  services: Registration[],
  path: string,
  schema: Schema,
): Promise<v.InferOutput<Schema>[]> {
  const callees = services.filter((service): service is Callee => service.url !== undefined);
  const answers = await Promise.all(
    callees.map(async (service) => {
      const answer = await callAppservice(env, config, service, { method: 'GET', path, timeoutMs });
      if (answer.kind !== 'answered' || answer.status !== 200) return [];
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), answer.body);
      if (parsed.success) return [parsed.output];
      log('info', 'third_party.wrong_answer', {
        service: service.id,
        error: errorText(parsed.issues[0]?.message).slice(0, 200),
      });
      return [];
    }),
  );
  return answers.flat();
}
