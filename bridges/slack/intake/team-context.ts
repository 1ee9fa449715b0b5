import type { DueWork } from '../../../platform/due-work.ts';
import type { Bridge } from '../../core/bridge.ts';
import type { SlackEnv } from '../slack-env.ts';
import type { TeamStore } from './storage/team-store.ts';

/** What the steps of a login's object work with. */
export interface SlackTeam {
  bridge: Bridge<SlackEnv>;
  store: TeamStore;
  due: Pick<DueWork, 'schedule'>;
  loginId: string;
  now(): number;
}
