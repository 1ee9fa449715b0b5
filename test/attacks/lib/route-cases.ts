import type { AnyEndpoint } from '../../../homeserver/src/api/endpoint.ts';
import { routes } from '../../../homeserver/src/api/routes.ts';

/** One path of one endpoint, of all that the server has: what is added to its route table is attacked too. */
export interface RouteCase {
  name: string;
  endpoint: AnyEndpoint;
  method: string;
  /** In OpenAPI form. */
  path: string;
}

export const cases: readonly RouteCase[] = routes.flatMap((endpoint) =>
  endpoint.paths.map((path) => ({
    name: `${endpoint.method} ${path} (${endpoint.operationId})`,
    endpoint,
    method: endpoint.method,
    path,
  })),
);

/** The parameters of a path, by name. */
export function parametersOf(path: string): string[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
}

/** A concrete path. Parameters without a value get a harmless one. */
export function fill(path: string, values: Record<string, string | undefined> = {}): string {
  return path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? 'x'));
}

/** Whether a concrete path is one of a template, so that the template's methods are right for it. */
export function isPathOf(template: string, concrete: string): boolean {
  const pattern = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
  return new RegExp(`^${pattern}/?$`).test(concrete);
}
