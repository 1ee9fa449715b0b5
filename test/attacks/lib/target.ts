import { inject } from 'vitest';

/** The server that all attacks but the most violent ones share. */
export interface Target {
  url: string;
  serverName: string;
  adminToken: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    attackTarget: Target;
  }
}

export const target: Target = inject('attackTarget');
