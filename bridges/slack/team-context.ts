import type { Bridge } from '../core/bridge.ts';
import type { SlackEnv } from './slack-env.ts';
import type { TeamStore } from './storage/team-store.ts';

/** What the steps of a login's object work with. */
export interface SlackTeam {
  bridge: Bridge<SlackEnv>;
  store: TeamStore;
  loginId: string;
  now(): number;
}
