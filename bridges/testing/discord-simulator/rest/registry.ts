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
  segments: string[];
  parameterCount: number;
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}

function compile(route: Route): CompiledRoute {
  const segments = route.path.split('/');
  return { route, segments, parameterCount: segments.filter(isParameter).length };
}

/** The parameters when the path fits, both split and decoded (clients write `@original` as `%40original`). */
function matchSegments(segments: string[], path: string[]): Record<string, string> | undefined {
  if (segments.length !== path.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = path[index] ?? '';
    if (isParameter(segment)) params[segment.slice(1, -1)] = value;
    else if (segment !== value) return undefined;
  }
  return params;
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
  .sort((a, b) => a.parameterCount - b.parameterCount);

export type Match =
  | { kind: 'route'; route: Route; params: Record<string, string> }
  | { kind: 'wrong_method' }
  | { kind: 'none' };

/** Finds the route of a path below `/api/v10`. */
export function matchRoute(method: string, path: string): Match {
  let pathExists = false;
  const decoded = path.split('/').map(decodeURIComponent);
  for (const { route, segments } of routes) {
    const params = matchSegments(segments, decoded);
    if (!params) continue;
    pathExists = true;
    if (route.method === method) return { kind: 'route', route, params };
  }
  return { kind: pathExists ? 'wrong_method' : 'none' };
}
