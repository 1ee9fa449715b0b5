import { authEventsTable } from './auth-events-cases.ts';
import { createTable } from './create-cases.ts';
import { eventTable } from './event-cases.ts';
import { joinTable } from './join-cases.ts';
import { membershipTable } from './membership-cases.ts';
import { powerLevelTable } from './power-level-cases.ts';
import { thirdPartyTable } from './third-party-cases.ts';
import type { VerdictCase } from './verdict-case.ts';

/** By the part of the authorization rules that they are about. */
export const verdictTables: Readonly<Record<string, readonly VerdictCase[]>> = {
  create: createTable,
  authEvents: authEventsTable,
  join: joinTable,
  membership: membershipTable,
  thirdParty: thirdPartyTable,
  event: eventTable,
  powerLevels: powerLevelTable,
};
