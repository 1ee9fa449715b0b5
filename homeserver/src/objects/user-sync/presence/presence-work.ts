import type { DueHandler } from '../../../../../platform/due-work.ts';
import type { Stubs } from '../../stubs.ts';
import type { UserContext } from '../user-context.ts';
import { wakeWaiting } from '../wait.ts';
import { lookForPresence, lookWork, serversWork, tellWork } from './own-presence.ts';
import { presentDevices } from './present-devices.ts';
import { type Tell, tellPresence } from './tell-presence.ts';
import { tellServers } from './tell-servers.ts';

/** Until those are told again who could not be. */
const retryMs = 5 * 60 * 1000;

/** What the object's alarm does about presence. */
export function presenceWork(
  ctx: DurableObjectState,
  user: UserContext,
  tell: Tell,
  stubs: Stubs,
): Record<string, DueHandler> {
  return {
    [tellWork]: async () => {
      // The user's other devices see what this is about, too.
      wakeWaiting(ctx, user, Date.now());
      const before = user.stream.last;
      const complete = await tellPresence(user, tell);
      if (user.stream.last > before) wakeWaiting(ctx, user, Date.now());
      return complete ? undefined : Date.now() + retryMs;
    },
    [serversWork]: async () => {
      await tellServers(user, stubs, Date.now());
      return undefined;
    },
    [lookWork]: async () => {
      const dueMs = lookForPresence(user, presentDevices(ctx), Date.now());
      wakeWaiting(ctx, user, Date.now());
      return dueMs;
    },
  };
}
