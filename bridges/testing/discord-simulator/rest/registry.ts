import { applicationRoutes } from './application-routes.ts';
import { attachmentRoutes } from './attachment-routes.ts';
import { channelRoutes } from './channel-routes.ts';
import { gatewayRoutes } from './gateway-routes.ts';
import { guildRoutes } from './guild-routes.ts';
import { interactionRoutes } from './interaction-routes.ts';
import { messageRoutes } from './message-routes.ts';
import { reactionRoutes } from './reaction-routes.ts';
import type { Route } from './rest-call.ts';
import { threadRoutes } from './thread-routes.ts';
import { userRoutes } from './user-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

interface CompiledRoute {
  route: Route;
  pattern: RegExp;
  names: string[];
}

function compile(route: Route): CompiledRoute {
  const names: string[] = [];
  const source = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  return { route, pattern: new RegExp(`^${source}$`), names };
}

/** Literal segments win over parameters: `bulk-delete` is no message id, `@me` no user. */
const routes: CompiledRoute[] = [
  ...gatewayRoutes,
  ...userRoutes,
  ...guildRoutes,
  ...channelRoutes,
  ...messageRoutes,
  ...reactionRoutes,
  ...threadRoutes,
  ...webhookRoutes,
  ...interactionRoutes,
  ...applicationRoutes,
  ...attachmentRoutes,
]
  .map(compile)
  .sort((a, b) => a.names.length - b.names.length);

export type Match =
  | { kind: 'route'; route: Route; params: Record<string, string> }
  | { kind: 'wrong_method' }
  | { kind: 'none' };

/** Finds the route of a path below `/api/v10`. */
export function matchRoute(method: string, path: string): Match {
  let pathExists = false;
  for (const { route, pattern, names } of routes) {
    const match = pattern.exec(path);
    if (!match) continue;
    pathExists = true;
    if (route.method !== method) continue;
    const values = match.slice(1).map((value) => decodeURIComponent(value));
    return {
      kind: 'route',
      route,
      params: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])),
    };
  }
  return { kind: pathExists ? 'wrong_method' : 'none' };
}
