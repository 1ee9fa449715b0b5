import type { UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import { announceDeviceList } from '../../services/device-lists.ts';
import { makeStubs } from '../stubs.ts';
import type { News } from './news.ts';
import { countKeys } from './upload-keys.ts';

/** Due work: tells the user's own object the key counts, and everyone concerned a new device list. */
export async function tellNews(sqlite: Sqlite, news: News, env: Env, owner: UserId): Promise<undefined> {
  const config = readConfig(env);
  const stubs = makeStubs(env);
  await news.tell({
    deviceList: () => announceDeviceList(openD1(env.DB, config.meter), stubs, config, owner),
    counts: (deviceId) => stubs.user(owner).setKeyCounts(deviceId, countKeys(sqlite, deviceId)),
    inboxClosed: (deviceId) => stubs.user(owner).closeInbox(deviceId),
  });
}
