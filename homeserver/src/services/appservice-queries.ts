import type { Namespace, Registration } from '../../../appservice/registration.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import { callAppservice } from './appservice-transport.ts';

/**
 * Application Service API, "Querying": asks the service in whose exclusive namespace an unknown name is
 * whether it exists. A service that says yes has created it through the client-server API before it
 * answered, so the caller looks again.
 */

const timeoutMs = 10_000;

export function queryUser(env: Env, config: Config, userId: string): Promise<boolean> {
  return query(env, config, 'users', userId);
}

export function queryAlias(env: Env, config: Config, alias: string): Promise<boolean> {
  return query(env, config, 'aliases', alias);
}

async function query(
  env: Env,
  config: Config,
  namespace: 'users' | 'aliases',
  name: string,
): Promise<boolean> {
  const registration = config.registrations.find(({ namespaces }) => reserves(namespaces[namespace], name));
  if (!hasUrl(registration)) return false;
  const path = `/${namespace === 'users' ? 'users' : 'rooms'}/${encodeURIComponent(name)}`;
  const answer = await callAppservice(env, config, registration, { method: 'GET', path, timeoutMs });
  return answer.kind === 'answered' && answer.status === 200;
}

function reserves(namespaces: readonly Namespace[], name: string): boolean {
  return namespaces.some(({ exclusive, pattern }) => exclusive && pattern.test(name));
}

function hasUrl(registration: Registration | undefined): registration is Registration & { url: string } {
  return registration?.url !== undefined;
}
