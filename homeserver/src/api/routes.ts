import { pingAppservice } from './client/appservice/pingAppservice.ts';
import { getVersions } from './client/discovery/getVersions.ts';
import type { AnyEndpoint } from './endpoint.ts';

/** Every endpoint of the homeserver, by chapter of the specification. */
export const routes: readonly AnyEndpoint[] = [
  // Discovery
  getVersions,
  // Application services
  pingAppservice,
];
