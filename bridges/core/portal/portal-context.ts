import type { Bridge } from '../bridge.ts';
import type { RemoteChatId } from '../remote-ids.ts';
import { Ghosts } from './ghosts.ts';
import { LoginCache } from './login-cache.ts';
import { ReadMarks } from './read-marks.ts';
import type { PortalStore } from './storage/portal-store.ts';

/** What the steps of a portal work with. */
export interface PortalContext {
  bridge: Bridge;
  chatId: RemoteChatId;
  store: PortalStore;
  logins: LoginCache;
  ghosts: Ghosts;
  readMarks: ReadMarks;
  now(): number;
}

export function makePortalContext(
  bridge: Bridge,
  chatId: RemoteChatId,
  store: PortalStore,
  now: () => number,
): PortalContext {
  return {
    bridge,
    chatId,
    store,
    logins: new LoginCache(bridge, chatId, now),
    ghosts: new Ghosts(bridge, store.members, now),
    readMarks: new ReadMarks(),
    now,
  };
}
