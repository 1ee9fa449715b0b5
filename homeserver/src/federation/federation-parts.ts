import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import type { Stubs } from '../objects/stubs.ts';

/** What work for and with other servers needs. */
export interface FederationParts {
  env: Env;
  config: Config;
  stubs: Stubs;
}
