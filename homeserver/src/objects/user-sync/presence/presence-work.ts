import type { DueHandler } from '../../../../../platform/due-work.ts';
import type { UserContext } from '../user-context.ts';
import { wakeWaiting } from '../wait.ts';
import { lookForPresence, lookWork, tellWork } from './own-presence.ts';
import { presentDevices } from './present-devices.ts';
import { type Tell, tellPresence } from './tell-presence.ts';

/** What the object's alarm does about presence. */
export function presenceWork(
  ctx: DurableObjectState,
  user: UserContext,
  tell: Tell,
): Record<string, DueHandler> {
  return {
    [tellWork]: async () => {
      if (await tellPresence(user, tell)) wakeWaiting(ctx, user, Date.now());
      return undefined;
    },
    [lookWork]: async () => {
      const dueMs = lookForPresence(user, presentDevices(ctx), Date.now());
      wakeWaiting(ctx, user, Date.now());
      return dueMs;
    },
  };
}
