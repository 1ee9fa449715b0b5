import { inject } from 'vitest';
import type { TestAppservice } from './appservice.ts';

export interface FederationSetting {
  /** Where `lib/federation/homeservers.ts` listens. */
  control: string;
  /** PEM, of the authority that all trust. */
  authority: { cert: string; key: string };
}

/** The server under test, and what may be known of it beforehand. */
export interface Target {
  /** Where clients reach it, without a slash at the end. */
  url: string;
  /** The name in its user ids; learnt from a registration where it is not given. */
  serverName?: string;
  registrationSharedSecret?: string;
  registrationToken?: string;
  /** The owner's token of a Roost, by which its services introspect tokens. */
  adminToken?: string;
  appservice?: TestAppservice;
  /** Those that homeservers for tests of federation are had from. */
  federation?: FederationSetting;
  /** Tests that are known to fail, with the reason: by their full name. */
  knownFailures: Record<string, string>;
}

declare module 'vitest' {
  interface ProvidedContext {
    conformanceTarget: Target;
  }
}

export const target: Target = inject('conformanceTarget');
